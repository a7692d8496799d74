import assert from 'node:assert/strict';
import { test } from 'node:test';
import { total } from '../src/bill.js';

test('adds up prices', () => {
  assert.equal(total([{ price: 250, count: 1 }, { price: 100, count: 1 }]), 350);
});

test('counts an item as often as it was bought', () => {
  assert.equal(total([{ price: 250, count: 3 }]), 750);
});

test('takes the discount off the whole', () => {
  assert.equal(total([{ price: 1000, count: 2 }], 10), 1800);
});
