// Jest's environment for a mutant: after the first failing test of a file, the file's other tests are skipped.
// (`--bail` only skips further files, and leaves no report.) Hooks still run, so that servers end.
import { TestEnvironment } from 'jest-environment-node';

export default class FirstFailureEnvironment extends TestEnvironment {
  #failed = false;

  handleTestEvent(event) {
    if (event.name === 'test_fn_failure' || event.name === 'hook_failure') this.#failed = true;
    if (event.name === 'test_start' && this.#failed) event.test.mode = 'skip';
  }
}
