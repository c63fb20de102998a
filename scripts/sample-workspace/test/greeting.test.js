import assert from 'node:assert/strict';
import test from 'node:test';
import { greeting } from '../src/greeting.js';

test('greets by the time of day', () => {
  assert.equal(greeting('Ada', 9), 'Good morning, Ada!');
  assert.equal(greeting('Ada', 15), 'Good afternoon, Ada!');
  assert.equal(greeting('Ada', 21), 'Good evening, Ada!');
});
