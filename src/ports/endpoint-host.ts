/** What is to be served, all of it: enough to start it again after a restart of the host. */
export interface DeploymentPlan {
  readonly model: string;
  /** See `deploymentIdFor`: a repeat finds what the first try started. */
  readonly deploymentId: string;
  readonly version: string;
  /** Absolute folder of the MLflow model; copied, so that the endpoint needs neither the artifact store nor MLflow. */
  readonly modelDirectory: string;
  /** Absolute path of the Python interpreter whose environment the model needs. */
  readonly python: string;
  /** Decision threshold of a binary model, as it was evaluated. */
  readonly threshold: number | null;
  /** Port that the pipeline file asks for; without one the endpoint chooses once and keeps it. */
  readonly port?: number;
}

/** One deployment of one model. */
export interface DeploymentName {
  readonly model: string;
  readonly deploymentId: string;
}

/** How an endpoint is. */
export interface EndpointStatus {
  readonly model: string;
  /** `http://127.0.0.1:PORT`, the same for all versions. */
  readonly endpoint: string;
  /** Version that answers; absent when none was ever switched to. */
  readonly version?: string;
  readonly deploymentId?: string;
  readonly gateway: 'running' | 'stopped';
  readonly server: 'running' | 'stopped';
}

/**
 * Serves models, one stable address per registered model. Everything outlives the process that started it. All methods are idempotent, and
 * safe to call from several processes at once.
 */
export interface EndpointHost {
  /** Starts a server for the deployment beside the one that answers, and waits until it is healthy. @throws DEPLOYMENT_FAILED with the end of its log. */
  stage(plan: DeploymentPlan, signal?: AbortSignal): Promise<void>;
  /** Sends a body to `/invocations` of a staged server, not through the public address. @throws DEPLOYMENT_FAILED when it does not answer, SMOKE_TEST_FAILED when it refuses. */
  invoke(name: DeploymentName, body: unknown, signal?: AbortSignal): Promise<unknown>;
  /** Turns the endpoint to the deployment without failing a request; the one that answered before runs on. @returns the address. @throws DEPLOYMENT_FAILED. */
  switchTo(name: DeploymentName, signal?: AbortSignal): Promise<{ endpoint: string }>;
  /** Ends every other deployment of the model, after the requests that they are answering. */
  complete(name: DeploymentName): Promise<void>;
  /** Makes as if the deployment had never been: the endpoint goes back to the one before, the server ends. */
  discard(name: DeploymentName): Promise<void>;
  /** Starts what should run and does not. @returns undefined for a model without an endpoint. */
  ensureRunning(model: string): Promise<EndpointStatus | undefined>;
  /** The same for all models of this host; a model that cannot be started is reported as stopped, and stops no other. */
  ensureAllRunning(): Promise<EndpointStatus[]>;
  list(): Promise<EndpointStatus[]>;
  /** Stops address and servers of a model; what is needed to start them again stays. */
  stop(model: string): Promise<void>;
  stopAll(): Promise<void>;
}
