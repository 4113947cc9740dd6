import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Clock } from '../../src/workflows/clock.js';

afterEach(() => {
  jest.restoreAllMocks();
});

describe("a workflow's clock", () => {
  it('is never earlier than a time that is known to have passed', () => {
    const now = jest.spyOn(Date, 'now').mockReturnValue(1_000);
    const clock = new Clock();
    expect(clock.nowMs()).toBe(1_000);
    clock.passed(5_000);
    clock.passed(3_000);
    expect(clock.nowMs()).toBe(5_000);
    expect(clock.nowText()).toBe('1970-01-01T00:00:05.000Z');
    now.mockReturnValue(6_000);
    expect(clock.nowMs()).toBe(6_000);
  });
});
