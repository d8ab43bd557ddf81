/**
 * A test of this suite that fails is tried once more, and says so. The time-skipping server now and then stops skipping, or loses a cancellation, when
 * workflow tasks and activities end at the same moment (temporalio/sdk-java issues 1138 and 3088): then a test waits until its time is over. What is
 * wrong with a workflow fails both times.
 */
jest.retryTimes(1, { logErrorsBeforeRetry: true });
