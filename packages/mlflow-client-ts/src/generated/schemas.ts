/* Written by generator/generate.py from the protocol descriptors of mlflow 3.17.2. Do not edit. */
import { z } from 'zod';
import { double, integer } from '../wire/numbers';

/** `mlflow.GetExperimentByName` */
export const GetExperimentByName = z.object({
  experiment_name: z.string(),
});
export type GetExperimentByName = z.output<typeof GetExperimentByName>;

/** `mlflow.ExperimentTag` */
export const ExperimentTag = z.object({
  key: z.string().optional(),
  value: z.string().optional(),
});
export type ExperimentTag = z.output<typeof ExperimentTag>;

/** `mlflow.Experiment` */
export const Experiment = z.object({
  experiment_id: z.string().optional(),
  name: z.string().optional(),
  artifact_location: z.string().optional(),
  lifecycle_stage: z.string().optional(),
  last_update_time: integer.optional(),
  creation_time: integer.optional(),
  tags: z.array(ExperimentTag).optional(),
  effective_trace_archival_retention: z.string().optional(),
  workspace: z.string().optional(),
});
export type Experiment = z.output<typeof Experiment>;

/** `mlflow.GetExperimentByName.Response` */
export const GetExperimentByNameResponse = z.object({
  experiment: Experiment.optional(),
});
export type GetExperimentByNameResponse = z.output<typeof GetExperimentByNameResponse>;

/** `mlflow.CreateExperiment` */
export const CreateExperiment = z.object({
  name: z.string(),
  artifact_location: z.string().optional(),
  tags: z.array(ExperimentTag).optional(),
});
export type CreateExperiment = z.output<typeof CreateExperiment>;

/** `mlflow.CreateExperiment.Response` */
export const CreateExperimentResponse = z.object({
  experiment_id: z.string().optional(),
});
export type CreateExperimentResponse = z.output<typeof CreateExperimentResponse>;

/** `mlflow.ViewType` */
export const ViewType = z.enum(['ACTIVE_ONLY', 'DELETED_ONLY', 'ALL']);
export type ViewType = z.output<typeof ViewType>;

/** `mlflow.SearchExperiments` */
export const SearchExperiments = z.object({
  max_results: integer.optional(),
  page_token: z.string().optional(),
  filter: z.string().optional(),
  order_by: z.array(z.string()).optional(),
  view_type: ViewType.optional(),
});
export type SearchExperiments = z.output<typeof SearchExperiments>;

/** `mlflow.SearchExperiments.Response` */
export const SearchExperimentsResponse = z.object({
  experiments: z.array(Experiment).optional(),
  next_page_token: z.string().optional(),
});
export type SearchExperimentsResponse = z.output<typeof SearchExperimentsResponse>;

/** `mlflow.GetExperiment` */
export const GetExperiment = z.object({
  experiment_id: z.string(),
});
export type GetExperiment = z.output<typeof GetExperiment>;

/** `mlflow.GetExperiment.Response` */
export const GetExperimentResponse = z.object({
  experiment: Experiment.optional(),
});
export type GetExperimentResponse = z.output<typeof GetExperimentResponse>;

/** `mlflow.DeleteExperiment` */
export const DeleteExperiment = z.object({
  experiment_id: z.string(),
});
export type DeleteExperiment = z.output<typeof DeleteExperiment>;

/** `mlflow.DeleteExperiment.Response` */
export const DeleteExperimentResponse = z.object({});
export type DeleteExperimentResponse = z.output<typeof DeleteExperimentResponse>;

/** `mlflow.RestoreExperiment` */
export const RestoreExperiment = z.object({
  experiment_id: z.string(),
});
export type RestoreExperiment = z.output<typeof RestoreExperiment>;

/** `mlflow.RestoreExperiment.Response` */
export const RestoreExperimentResponse = z.object({});
export type RestoreExperimentResponse = z.output<typeof RestoreExperimentResponse>;

/** `mlflow.UpdateExperiment` */
export const UpdateExperiment = z.object({
  experiment_id: z.string(),
  new_name: z.string().optional(),
});
export type UpdateExperiment = z.output<typeof UpdateExperiment>;

/** `mlflow.UpdateExperiment.Response` */
export const UpdateExperimentResponse = z.object({});
export type UpdateExperimentResponse = z.output<typeof UpdateExperimentResponse>;

/** `mlflow.RunTag` */
export const RunTag = z.object({
  key: z.string().optional(),
  value: z.string().optional(),
});
export type RunTag = z.output<typeof RunTag>;

/** `mlflow.CreateRun` */
export const CreateRun = z.object({
  experiment_id: z.string().optional(),
  user_id: z.string().optional(),
  run_name: z.string().optional(),
  start_time: integer.optional(),
  tags: z.array(RunTag).optional(),
});
export type CreateRun = z.output<typeof CreateRun>;

/** `mlflow.RunStatus` */
export const RunStatus = z.enum(['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED']);
export type RunStatus = z.output<typeof RunStatus>;

/** `mlflow.RunInfo` */
export const RunInfo = z.object({
  run_id: z.string().optional(),
  run_uuid: z.string().optional(),
  run_name: z.string().optional(),
  experiment_id: z.string().optional(),
  user_id: z.string().optional(),
  status: RunStatus.optional(),
  start_time: integer.optional(),
  end_time: integer.optional(),
  artifact_uri: z.string().optional(),
  lifecycle_stage: z.string().optional(),
});
export type RunInfo = z.output<typeof RunInfo>;

/** `mlflow.Metric` */
export const Metric = z.object({
  key: z.string().optional(),
  value: double.optional(),
  timestamp: integer.optional(),
  step: integer.optional(),
  dataset_name: z.string().optional(),
  dataset_digest: z.string().optional(),
  model_id: z.string().optional(),
  run_id: z.string().optional(),
});
export type Metric = z.output<typeof Metric>;

/** `mlflow.Param` */
export const Param = z.object({
  key: z.string().optional(),
  value: z.string().optional(),
});
export type Param = z.output<typeof Param>;

/** `mlflow.RunData` */
export const RunData = z.object({
  metrics: z.array(Metric).optional(),
  params: z.array(Param).optional(),
  tags: z.array(RunTag).optional(),
});
export type RunData = z.output<typeof RunData>;

/** `mlflow.InputTag` */
export const InputTag = z.object({
  key: z.string(),
  value: z.string(),
});
export type InputTag = z.output<typeof InputTag>;

/** `mlflow.Dataset` */
export const Dataset = z.object({
  name: z.string(),
  digest: z.string(),
  source_type: z.string(),
  source: z.string(),
  schema: z.string().optional(),
  profile: z.string().optional(),
});
export type Dataset = z.output<typeof Dataset>;

/** `mlflow.DatasetInput` */
export const DatasetInput = z.object({
  tags: z.array(InputTag).optional(),
  dataset: Dataset,
});
export type DatasetInput = z.output<typeof DatasetInput>;

/** `mlflow.ModelInput` */
export const ModelInput = z.object({
  model_id: z.string(),
});
export type ModelInput = z.output<typeof ModelInput>;

/** `mlflow.RunInputs` */
export const RunInputs = z.object({
  dataset_inputs: z.array(DatasetInput).optional(),
  model_inputs: z.array(ModelInput).optional(),
});
export type RunInputs = z.output<typeof RunInputs>;

/** `mlflow.ModelOutput` */
export const ModelOutput = z.object({
  model_id: z.string(),
  step: integer,
});
export type ModelOutput = z.output<typeof ModelOutput>;

/** `mlflow.RunOutputs` */
export const RunOutputs = z.object({
  model_outputs: z.array(ModelOutput).optional(),
});
export type RunOutputs = z.output<typeof RunOutputs>;

/** `mlflow.Run` */
export const Run = z.object({
  info: RunInfo.optional(),
  data: RunData.optional(),
  inputs: RunInputs.optional(),
  outputs: RunOutputs.optional(),
});
export type Run = z.output<typeof Run>;

/** `mlflow.CreateRun.Response` */
export const CreateRunResponse = z.object({
  run: Run.optional(),
});
export type CreateRunResponse = z.output<typeof CreateRunResponse>;

/** `mlflow.UpdateRun` */
export const UpdateRun = z.object({
  run_id: z.string().optional(),
  run_uuid: z.string().optional(),
  status: RunStatus.optional(),
  end_time: integer.optional(),
  run_name: z.string().optional(),
});
export type UpdateRun = z.output<typeof UpdateRun>;

/** `mlflow.UpdateRun.Response` */
export const UpdateRunResponse = z.object({
  run_info: RunInfo.optional(),
});
export type UpdateRunResponse = z.output<typeof UpdateRunResponse>;

/** `mlflow.DeleteRun` */
export const DeleteRun = z.object({
  run_id: z.string(),
});
export type DeleteRun = z.output<typeof DeleteRun>;

/** `mlflow.DeleteRun.Response` */
export const DeleteRunResponse = z.object({});
export type DeleteRunResponse = z.output<typeof DeleteRunResponse>;

/** `mlflow.RestoreRun` */
export const RestoreRun = z.object({
  run_id: z.string(),
});
export type RestoreRun = z.output<typeof RestoreRun>;

/** `mlflow.RestoreRun.Response` */
export const RestoreRunResponse = z.object({});
export type RestoreRunResponse = z.output<typeof RestoreRunResponse>;

/** `mlflow.LogMetric` */
export const LogMetric = z.object({
  run_id: z.string().optional(),
  run_uuid: z.string().optional(),
  key: z.string(),
  value: double,
  timestamp: integer,
  step: integer.optional(),
  model_id: z.string().optional(),
  dataset_name: z.string().optional(),
  dataset_digest: z.string().optional(),
});
export type LogMetric = z.output<typeof LogMetric>;

/** `mlflow.LogMetric.Response` */
export const LogMetricResponse = z.object({});
export type LogMetricResponse = z.output<typeof LogMetricResponse>;

/** `mlflow.LogParam` */
export const LogParam = z.object({
  run_id: z.string().optional(),
  run_uuid: z.string().optional(),
  key: z.string(),
  value: z.string(),
});
export type LogParam = z.output<typeof LogParam>;

/** `mlflow.LogParam.Response` */
export const LogParamResponse = z.object({});
export type LogParamResponse = z.output<typeof LogParamResponse>;

/** `mlflow.SetExperimentTag` */
export const SetExperimentTag = z.object({
  experiment_id: z.string(),
  key: z.string(),
  value: z.string(),
});
export type SetExperimentTag = z.output<typeof SetExperimentTag>;

/** `mlflow.SetExperimentTag.Response` */
export const SetExperimentTagResponse = z.object({});
export type SetExperimentTagResponse = z.output<typeof SetExperimentTagResponse>;

/** `mlflow.DeleteExperimentTag` */
export const DeleteExperimentTag = z.object({
  experiment_id: z.string(),
  key: z.string(),
});
export type DeleteExperimentTag = z.output<typeof DeleteExperimentTag>;

/** `mlflow.DeleteExperimentTag.Response` */
export const DeleteExperimentTagResponse = z.object({});
export type DeleteExperimentTagResponse = z.output<typeof DeleteExperimentTagResponse>;

/** `mlflow.SetTag` */
export const SetTag = z.object({
  run_id: z.string().optional(),
  run_uuid: z.string().optional(),
  key: z.string(),
  value: z.string(),
});
export type SetTag = z.output<typeof SetTag>;

/** `mlflow.SetTag.Response` */
export const SetTagResponse = z.object({});
export type SetTagResponse = z.output<typeof SetTagResponse>;

/** `mlflow.DeleteTag` */
export const DeleteTag = z.object({
  run_id: z.string(),
  key: z.string(),
});
export type DeleteTag = z.output<typeof DeleteTag>;

/** `mlflow.DeleteTag.Response` */
export const DeleteTagResponse = z.object({});
export type DeleteTagResponse = z.output<typeof DeleteTagResponse>;

/** `mlflow.GetRun` */
export const GetRun = z.object({
  run_id: z.string().optional(),
  run_uuid: z.string().optional(),
});
export type GetRun = z.output<typeof GetRun>;

/** `mlflow.GetRun.Response` */
export const GetRunResponse = z.object({
  run: Run.optional(),
});
export type GetRunResponse = z.output<typeof GetRunResponse>;

/** `mlflow.SearchRuns` */
export const SearchRuns = z.object({
  experiment_ids: z.array(z.string()).optional(),
  filter: z.string().optional(),
  run_view_type: ViewType.optional(),
  max_results: integer.optional(),
  order_by: z.array(z.string()).optional(),
  page_token: z.string().optional(),
});
export type SearchRuns = z.output<typeof SearchRuns>;

/** `mlflow.SearchRuns.Response` */
export const SearchRunsResponse = z.object({
  runs: z.array(Run).optional(),
  next_page_token: z.string().optional(),
});
export type SearchRunsResponse = z.output<typeof SearchRunsResponse>;

/** `mlflow.ListArtifacts` */
export const ListArtifacts = z.object({
  run_id: z.string().optional(),
  run_uuid: z.string().optional(),
  path: z.string().optional(),
  page_token: z.string().optional(),
});
export type ListArtifacts = z.output<typeof ListArtifacts>;

/** `mlflow.FileInfo` */
export const FileInfo = z.object({
  path: z.string().optional(),
  is_dir: z.boolean().optional(),
  file_size: integer.optional(),
});
export type FileInfo = z.output<typeof FileInfo>;

/** `mlflow.ListArtifacts.Response` */
export const ListArtifactsResponse = z.object({
  root_uri: z.string().optional(),
  files: z.array(FileInfo).optional(),
  next_page_token: z.string().optional(),
});
export type ListArtifactsResponse = z.output<typeof ListArtifactsResponse>;

/** `mlflow.CreatePresignedUploadUrl` */
export const CreatePresignedUploadUrl = z.object({
  run_id: z.string().optional(),
  path: z.string().optional(),
  expiration: integer.optional(),
  model_id: z.string().optional(),
});
export type CreatePresignedUploadUrl = z.output<typeof CreatePresignedUploadUrl>;

/** `mlflow.CreatePresignedUploadUrl.Response` */
export const CreatePresignedUploadUrlResponse = z.object({
  presigned_url: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
});
export type CreatePresignedUploadUrlResponse = z.output<typeof CreatePresignedUploadUrlResponse>;

/** `mlflow.CreatePresignedDownloadUrl` */
export const CreatePresignedDownloadUrl = z.object({
  run_id: z.string().optional(),
  path: z.string().optional(),
  expiration: integer.optional(),
});
export type CreatePresignedDownloadUrl = z.output<typeof CreatePresignedDownloadUrl>;

/** `mlflow.CreatePresignedDownloadUrl.Response` */
export const CreatePresignedDownloadUrlResponse = z.object({
  presigned_url: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  file_size: integer.optional(),
});
export type CreatePresignedDownloadUrlResponse = z.output<typeof CreatePresignedDownloadUrlResponse>;

/** `mlflow.GetMetricHistory` */
export const GetMetricHistory = z.object({
  run_id: z.string().optional(),
  run_uuid: z.string().optional(),
  metric_key: z.string(),
  page_token: z.string().optional(),
  max_results: integer.optional(),
});
export type GetMetricHistory = z.output<typeof GetMetricHistory>;

/** `mlflow.GetMetricHistory.Response` */
export const GetMetricHistoryResponse = z.object({
  metrics: z.array(Metric).optional(),
  next_page_token: z.string().optional(),
});
export type GetMetricHistoryResponse = z.output<typeof GetMetricHistoryResponse>;

/** `mlflow.GetMetricHistoryBulkInterval` */
export const GetMetricHistoryBulkInterval = z.object({
  run_ids: z.array(z.string()).optional(),
  metric_key: z.string(),
  start_step: integer.optional(),
  end_step: integer.optional(),
  max_results: integer.optional(),
});
export type GetMetricHistoryBulkInterval = z.output<typeof GetMetricHistoryBulkInterval>;

/** `mlflow.MetricWithRunId` */
export const MetricWithRunId = z.object({
  key: z.string().optional(),
  value: double.optional(),
  timestamp: integer.optional(),
  step: integer.optional(),
  run_id: z.string().optional(),
});
export type MetricWithRunId = z.output<typeof MetricWithRunId>;

/** `mlflow.GetMetricHistoryBulkInterval.Response` */
export const GetMetricHistoryBulkIntervalResponse = z.object({
  metrics: z.array(MetricWithRunId).optional(),
});
export type GetMetricHistoryBulkIntervalResponse = z.output<typeof GetMetricHistoryBulkIntervalResponse>;

/** `mlflow.LogBatch` */
export const LogBatch = z.object({
  run_id: z.string().optional(),
  metrics: z.array(Metric).optional(),
  params: z.array(Param).optional(),
  tags: z.array(RunTag).optional(),
});
export type LogBatch = z.output<typeof LogBatch>;

/** `mlflow.LogBatch.Response` */
export const LogBatchResponse = z.object({});
export type LogBatchResponse = z.output<typeof LogBatchResponse>;

/** `mlflow.LogModel` */
export const LogModel = z.object({
  run_id: z.string().optional(),
  model_json: z.string().optional(),
});
export type LogModel = z.output<typeof LogModel>;

/** `mlflow.LogModel.Response` */
export const LogModelResponse = z.object({});
export type LogModelResponse = z.output<typeof LogModelResponse>;

/** `mlflow.LogInputs` */
export const LogInputs = z.object({
  run_id: z.string(),
  datasets: z.array(DatasetInput).optional(),
  models: z.array(ModelInput).optional(),
});
export type LogInputs = z.output<typeof LogInputs>;

/** `mlflow.LogInputs.Response` */
export const LogInputsResponse = z.object({});
export type LogInputsResponse = z.output<typeof LogInputsResponse>;

/** `mlflow.LogOutputs` */
export const LogOutputs = z.object({
  run_id: z.string(),
  models: z.array(ModelOutput).optional(),
});
export type LogOutputs = z.output<typeof LogOutputs>;

/** `mlflow.LogOutputs.Response` */
export const LogOutputsResponse = z.object({});
export type LogOutputsResponse = z.output<typeof LogOutputsResponse>;

/** `mlflow.SearchDatasets` */
export const SearchDatasets = z.object({
  experiment_ids: z.array(z.string()).optional(),
});
export type SearchDatasets = z.output<typeof SearchDatasets>;

/** `mlflow.DatasetSummary` */
export const DatasetSummary = z.object({
  experiment_id: z.string(),
  name: z.string(),
  digest: z.string(),
  context: z.string().optional(),
});
export type DatasetSummary = z.output<typeof DatasetSummary>;

/** `mlflow.SearchDatasets.Response` */
export const SearchDatasetsResponse = z.object({
  dataset_summaries: z.array(DatasetSummary).optional(),
});
export type SearchDatasetsResponse = z.output<typeof SearchDatasetsResponse>;

/** `mlflow.LoggedModelParameter` */
export const LoggedModelParameter = z.object({
  key: z.string().optional(),
  value: z.string().optional(),
});
export type LoggedModelParameter = z.output<typeof LoggedModelParameter>;

/** `mlflow.LoggedModelTag` */
export const LoggedModelTag = z.object({
  key: z.string().optional(),
  value: z.string().optional(),
});
export type LoggedModelTag = z.output<typeof LoggedModelTag>;

/** `mlflow.CreateLoggedModel` */
export const CreateLoggedModel = z.object({
  experiment_id: z.string(),
  name: z.string().optional(),
  model_type: z.string().optional(),
  source_run_id: z.string().optional(),
  params: z.array(LoggedModelParameter).optional(),
  tags: z.array(LoggedModelTag).optional(),
});
export type CreateLoggedModel = z.output<typeof CreateLoggedModel>;

/** `mlflow.LoggedModelStatus` */
export const LoggedModelStatus = z.enum(['LOGGED_MODEL_STATUS_UNSPECIFIED', 'LOGGED_MODEL_PENDING', 'LOGGED_MODEL_READY', 'LOGGED_MODEL_UPLOAD_FAILED']);
export type LoggedModelStatus = z.output<typeof LoggedModelStatus>;

/** `mlflow.LoggedModelRegistrationInfo` */
export const LoggedModelRegistrationInfo = z.object({
  name: z.string().optional(),
  version: z.string().optional(),
});
export type LoggedModelRegistrationInfo = z.output<typeof LoggedModelRegistrationInfo>;

/** `mlflow.LoggedModelInfo` */
export const LoggedModelInfo = z.object({
  model_id: z.string().optional(),
  experiment_id: z.string().optional(),
  name: z.string().optional(),
  creation_timestamp_ms: integer.optional(),
  last_updated_timestamp_ms: integer.optional(),
  artifact_uri: z.string().optional(),
  status: LoggedModelStatus.optional(),
  creator_id: integer.optional(),
  model_type: z.string().optional(),
  source_run_id: z.string().optional(),
  status_message: z.string().optional(),
  tags: z.array(LoggedModelTag).optional(),
  registrations: z.array(LoggedModelRegistrationInfo).optional(),
});
export type LoggedModelInfo = z.output<typeof LoggedModelInfo>;

/** `mlflow.LoggedModelData` */
export const LoggedModelData = z.object({
  params: z.array(LoggedModelParameter).optional(),
  metrics: z.array(Metric).optional(),
});
export type LoggedModelData = z.output<typeof LoggedModelData>;

/** `mlflow.LoggedModel` */
export const LoggedModel = z.object({
  info: LoggedModelInfo.optional(),
  data: LoggedModelData.optional(),
});
export type LoggedModel = z.output<typeof LoggedModel>;

/** `mlflow.CreateLoggedModel.Response` */
export const CreateLoggedModelResponse = z.object({
  model: LoggedModel.optional(),
});
export type CreateLoggedModelResponse = z.output<typeof CreateLoggedModelResponse>;

/** `mlflow.FinalizeLoggedModel` */
export const FinalizeLoggedModel = z.object({
  model_id: z.string(),
  status: LoggedModelStatus,
});
export type FinalizeLoggedModel = z.output<typeof FinalizeLoggedModel>;

/** `mlflow.FinalizeLoggedModel.Response` */
export const FinalizeLoggedModelResponse = z.object({
  model: LoggedModel.optional(),
});
export type FinalizeLoggedModelResponse = z.output<typeof FinalizeLoggedModelResponse>;

/** `mlflow.GetLoggedModel` */
export const GetLoggedModel = z.object({
  model_id: z.string(),
});
export type GetLoggedModel = z.output<typeof GetLoggedModel>;

/** `mlflow.GetLoggedModel.Response` */
export const GetLoggedModelResponse = z.object({
  model: LoggedModel.optional(),
});
export type GetLoggedModelResponse = z.output<typeof GetLoggedModelResponse>;

/** `mlflow.DeleteLoggedModel` */
export const DeleteLoggedModel = z.object({
  model_id: z.string(),
});
export type DeleteLoggedModel = z.output<typeof DeleteLoggedModel>;

/** `mlflow.DeleteLoggedModel.Response` */
export const DeleteLoggedModelResponse = z.object({});
export type DeleteLoggedModelResponse = z.output<typeof DeleteLoggedModelResponse>;

/** `mlflow.SearchLoggedModels.Dataset` */
export const SearchLoggedModelsDataset = z.object({
  dataset_name: z.string(),
  dataset_digest: z.string().optional(),
});
export type SearchLoggedModelsDataset = z.output<typeof SearchLoggedModelsDataset>;

/** `mlflow.SearchLoggedModels.OrderBy` */
export const SearchLoggedModelsOrderBy = z.object({
  field_name: z.string(),
  ascending: z.boolean().optional(),
  dataset_name: z.string().optional(),
  dataset_digest: z.string().optional(),
});
export type SearchLoggedModelsOrderBy = z.output<typeof SearchLoggedModelsOrderBy>;

/** `mlflow.SearchLoggedModels` */
export const SearchLoggedModels = z.object({
  experiment_ids: z.array(z.string()).optional(),
  filter: z.string().optional(),
  datasets: z.array(SearchLoggedModelsDataset).optional(),
  max_results: integer.optional(),
  order_by: z.array(SearchLoggedModelsOrderBy).optional(),
  page_token: z.string().optional(),
});
export type SearchLoggedModels = z.output<typeof SearchLoggedModels>;

/** `mlflow.SearchLoggedModels.Response` */
export const SearchLoggedModelsResponse = z.object({
  models: z.array(LoggedModel).optional(),
  next_page_token: z.string().optional(),
});
export type SearchLoggedModelsResponse = z.output<typeof SearchLoggedModelsResponse>;

/** `mlflow.SetLoggedModelTags` */
export const SetLoggedModelTags = z.object({
  model_id: z.string(),
  tags: z.array(LoggedModelTag).optional(),
});
export type SetLoggedModelTags = z.output<typeof SetLoggedModelTags>;

/** `mlflow.SetLoggedModelTags.Response` */
export const SetLoggedModelTagsResponse = z.object({
  model: LoggedModel.optional(),
});
export type SetLoggedModelTagsResponse = z.output<typeof SetLoggedModelTagsResponse>;

/** `mlflow.DeleteLoggedModelTag` */
export const DeleteLoggedModelTag = z.object({
  model_id: z.string(),
  tag_key: z.string(),
});
export type DeleteLoggedModelTag = z.output<typeof DeleteLoggedModelTag>;

/** `mlflow.DeleteLoggedModelTag.Response` */
export const DeleteLoggedModelTagResponse = z.object({});
export type DeleteLoggedModelTagResponse = z.output<typeof DeleteLoggedModelTagResponse>;

/** `mlflow.ListLoggedModelArtifacts` */
export const ListLoggedModelArtifacts = z.object({
  model_id: z.string(),
  artifact_directory_path: z.string().optional(),
  page_token: z.string().optional(),
});
export type ListLoggedModelArtifacts = z.output<typeof ListLoggedModelArtifacts>;

/** `mlflow.ListLoggedModelArtifacts.Response` */
export const ListLoggedModelArtifactsResponse = z.object({
  root_uri: z.string().optional(),
  files: z.array(FileInfo).optional(),
  next_page_token: z.string().optional(),
});
export type ListLoggedModelArtifactsResponse = z.output<typeof ListLoggedModelArtifactsResponse>;

/** `mlflow.LogLoggedModelParamsRequest` */
export const LogLoggedModelParamsRequest = z.object({
  model_id: z.string(),
  params: z.array(LoggedModelParameter).optional(),
});
export type LogLoggedModelParamsRequest = z.output<typeof LogLoggedModelParamsRequest>;

/** `mlflow.LogLoggedModelParamsRequest.Response` */
export const LogLoggedModelParamsRequestResponse = z.object({});
export type LogLoggedModelParamsRequestResponse = z.output<typeof LogLoggedModelParamsRequestResponse>;

/** `mlflow.RegisteredModelTag` */
export const RegisteredModelTag = z.object({
  key: z.string().optional(),
  value: z.string().optional(),
});
export type RegisteredModelTag = z.output<typeof RegisteredModelTag>;

/** `mlflow.CreateRegisteredModel` */
export const CreateRegisteredModel = z.object({
  name: z.string(),
  tags: z.array(RegisteredModelTag).optional(),
  description: z.string().optional(),
  deployment_job_id: z.string().optional(),
});
export type CreateRegisteredModel = z.output<typeof CreateRegisteredModel>;

/** `mlflow.ModelVersionStatus` */
export const ModelVersionStatus = z.enum(['PENDING_REGISTRATION', 'FAILED_REGISTRATION', 'READY']);
export type ModelVersionStatus = z.output<typeof ModelVersionStatus>;

/** `mlflow.ModelVersionTag` */
export const ModelVersionTag = z.object({
  key: z.string().optional(),
  value: z.string().optional(),
});
export type ModelVersionTag = z.output<typeof ModelVersionTag>;

/** `mlflow.ModelParam` */
export const ModelParam = z.object({
  name: z.string().optional(),
  value: z.string().optional(),
});
export type ModelParam = z.output<typeof ModelParam>;

/** `mlflow.ModelMetric` */
export const ModelMetric = z.object({
  key: z.string().optional(),
  value: double.optional(),
  timestamp: integer.optional(),
  step: integer.optional(),
  dataset_name: z.string().optional(),
  dataset_digest: z.string().optional(),
  model_id: z.string().optional(),
  run_id: z.string().optional(),
});
export type ModelMetric = z.output<typeof ModelMetric>;

/** `mlflow.DeploymentJobConnection.State` */
export const DeploymentJobConnectionState = z.enum(['DEPLOYMENT_JOB_CONNECTION_STATE_UNSPECIFIED', 'NOT_SET_UP', 'CONNECTED', 'NOT_FOUND', 'REQUIRED_PARAMETERS_CHANGED']);
export type DeploymentJobConnectionState = z.output<typeof DeploymentJobConnectionState>;

/** `mlflow.ModelVersionDeploymentJobState.DeploymentJobRunState` */
export const ModelVersionDeploymentJobStateDeploymentJobRunState = z.enum(['DEPLOYMENT_JOB_RUN_STATE_UNSPECIFIED', 'NO_VALID_DEPLOYMENT_JOB_FOUND', 'RUNNING', 'SUCCEEDED', 'FAILED', 'PENDING', 'APPROVAL']);
export type ModelVersionDeploymentJobStateDeploymentJobRunState = z.output<typeof ModelVersionDeploymentJobStateDeploymentJobRunState>;

/** `mlflow.ModelVersionDeploymentJobState` */
export const ModelVersionDeploymentJobState = z.object({
  job_id: z.string().optional(),
  run_id: z.string().optional(),
  job_state: DeploymentJobConnectionState.optional(),
  run_state: ModelVersionDeploymentJobStateDeploymentJobRunState.optional(),
  current_task_name: z.string().optional(),
});
export type ModelVersionDeploymentJobState = z.output<typeof ModelVersionDeploymentJobState>;

/** `mlflow.ModelVersion` */
export const ModelVersion = z.object({
  name: z.string().optional(),
  version: z.string().optional(),
  creation_timestamp: integer.optional(),
  last_updated_timestamp: integer.optional(),
  user_id: z.string().optional(),
  current_stage: z.string().optional(),
  description: z.string().optional(),
  source: z.string().optional(),
  run_id: z.string().optional(),
  status: ModelVersionStatus.optional(),
  status_message: z.string().optional(),
  tags: z.array(ModelVersionTag).optional(),
  run_link: z.string().optional(),
  aliases: z.array(z.string()).optional(),
  model_id: z.string().optional(),
  model_params: z.array(ModelParam).optional(),
  model_metrics: z.array(ModelMetric).optional(),
  deployment_job_state: ModelVersionDeploymentJobState.optional(),
});
export type ModelVersion = z.output<typeof ModelVersion>;

/** `mlflow.RegisteredModelAlias` */
export const RegisteredModelAlias = z.object({
  alias: z.string().optional(),
  version: z.string().optional(),
});
export type RegisteredModelAlias = z.output<typeof RegisteredModelAlias>;

/** `mlflow.RegisteredModel` */
export const RegisteredModel = z.object({
  name: z.string().optional(),
  creation_timestamp: integer.optional(),
  last_updated_timestamp: integer.optional(),
  user_id: z.string().optional(),
  description: z.string().optional(),
  latest_versions: z.array(ModelVersion).optional(),
  tags: z.array(RegisteredModelTag).optional(),
  aliases: z.array(RegisteredModelAlias).optional(),
  deployment_job_id: z.string().optional(),
  deployment_job_state: DeploymentJobConnectionState.optional(),
});
export type RegisteredModel = z.output<typeof RegisteredModel>;

/** `mlflow.CreateRegisteredModel.Response` */
export const CreateRegisteredModelResponse = z.object({
  registered_model: RegisteredModel.optional(),
});
export type CreateRegisteredModelResponse = z.output<typeof CreateRegisteredModelResponse>;

/** `mlflow.RenameRegisteredModel` */
export const RenameRegisteredModel = z.object({
  name: z.string(),
  new_name: z.string().optional(),
});
export type RenameRegisteredModel = z.output<typeof RenameRegisteredModel>;

/** `mlflow.RenameRegisteredModel.Response` */
export const RenameRegisteredModelResponse = z.object({
  registered_model: RegisteredModel.optional(),
});
export type RenameRegisteredModelResponse = z.output<typeof RenameRegisteredModelResponse>;

/** `mlflow.UpdateRegisteredModel` */
export const UpdateRegisteredModel = z.object({
  name: z.string(),
  description: z.string().optional(),
  deployment_job_id: z.string().optional(),
});
export type UpdateRegisteredModel = z.output<typeof UpdateRegisteredModel>;

/** `mlflow.UpdateRegisteredModel.Response` */
export const UpdateRegisteredModelResponse = z.object({
  registered_model: RegisteredModel.optional(),
});
export type UpdateRegisteredModelResponse = z.output<typeof UpdateRegisteredModelResponse>;

/** `mlflow.DeleteRegisteredModel` */
export const DeleteRegisteredModel = z.object({
  name: z.string(),
});
export type DeleteRegisteredModel = z.output<typeof DeleteRegisteredModel>;

/** `mlflow.DeleteRegisteredModel.Response` */
export const DeleteRegisteredModelResponse = z.object({});
export type DeleteRegisteredModelResponse = z.output<typeof DeleteRegisteredModelResponse>;

/** `mlflow.GetRegisteredModel` */
export const GetRegisteredModel = z.object({
  name: z.string(),
});
export type GetRegisteredModel = z.output<typeof GetRegisteredModel>;

/** `mlflow.GetRegisteredModel.Response` */
export const GetRegisteredModelResponse = z.object({
  registered_model: RegisteredModel.optional(),
});
export type GetRegisteredModelResponse = z.output<typeof GetRegisteredModelResponse>;

/** `mlflow.SearchRegisteredModels` */
export const SearchRegisteredModels = z.object({
  filter: z.string().optional(),
  max_results: integer.optional(),
  order_by: z.array(z.string()).optional(),
  page_token: z.string().optional(),
});
export type SearchRegisteredModels = z.output<typeof SearchRegisteredModels>;

/** `mlflow.SearchRegisteredModels.Response` */
export const SearchRegisteredModelsResponse = z.object({
  registered_models: z.array(RegisteredModel).optional(),
  next_page_token: z.string().optional(),
});
export type SearchRegisteredModelsResponse = z.output<typeof SearchRegisteredModelsResponse>;

/** `mlflow.CreateModelVersion` */
export const CreateModelVersion = z.object({
  name: z.string(),
  source: z.string(),
  run_id: z.string().optional(),
  tags: z.array(ModelVersionTag).optional(),
  run_link: z.string().optional(),
  description: z.string().optional(),
  model_id: z.string().optional(),
});
export type CreateModelVersion = z.output<typeof CreateModelVersion>;

/** `mlflow.CreateModelVersion.Response` */
export const CreateModelVersionResponse = z.object({
  model_version: ModelVersion.optional(),
});
export type CreateModelVersionResponse = z.output<typeof CreateModelVersionResponse>;

/** `mlflow.UpdateModelVersion` */
export const UpdateModelVersion = z.object({
  name: z.string(),
  version: z.string(),
  description: z.string().optional(),
});
export type UpdateModelVersion = z.output<typeof UpdateModelVersion>;

/** `mlflow.UpdateModelVersion.Response` */
export const UpdateModelVersionResponse = z.object({
  model_version: ModelVersion.optional(),
});
export type UpdateModelVersionResponse = z.output<typeof UpdateModelVersionResponse>;

/** `mlflow.DeleteModelVersion` */
export const DeleteModelVersion = z.object({
  name: z.string(),
  version: z.string(),
});
export type DeleteModelVersion = z.output<typeof DeleteModelVersion>;

/** `mlflow.DeleteModelVersion.Response` */
export const DeleteModelVersionResponse = z.object({});
export type DeleteModelVersionResponse = z.output<typeof DeleteModelVersionResponse>;

/** `mlflow.GetModelVersion` */
export const GetModelVersion = z.object({
  name: z.string(),
  version: z.string(),
});
export type GetModelVersion = z.output<typeof GetModelVersion>;

/** `mlflow.GetModelVersion.Response` */
export const GetModelVersionResponse = z.object({
  model_version: ModelVersion.optional(),
});
export type GetModelVersionResponse = z.output<typeof GetModelVersionResponse>;

/** `mlflow.SearchModelVersions` */
export const SearchModelVersions = z.object({
  filter: z.string().optional(),
  max_results: integer.optional(),
  order_by: z.array(z.string()).optional(),
  page_token: z.string().optional(),
});
export type SearchModelVersions = z.output<typeof SearchModelVersions>;

/** `mlflow.SearchModelVersions.Response` */
export const SearchModelVersionsResponse = z.object({
  model_versions: z.array(ModelVersion).optional(),
  next_page_token: z.string().optional(),
});
export type SearchModelVersionsResponse = z.output<typeof SearchModelVersionsResponse>;

/** `mlflow.GetModelVersionDownloadUri` */
export const GetModelVersionDownloadUri = z.object({
  name: z.string(),
  version: z.string(),
});
export type GetModelVersionDownloadUri = z.output<typeof GetModelVersionDownloadUri>;

/** `mlflow.GetModelVersionDownloadUri.Response` */
export const GetModelVersionDownloadUriResponse = z.object({
  artifact_uri: z.string().optional(),
});
export type GetModelVersionDownloadUriResponse = z.output<typeof GetModelVersionDownloadUriResponse>;

/** `mlflow.SetRegisteredModelTag` */
export const SetRegisteredModelTag = z.object({
  name: z.string(),
  key: z.string(),
  value: z.string(),
});
export type SetRegisteredModelTag = z.output<typeof SetRegisteredModelTag>;

/** `mlflow.SetRegisteredModelTag.Response` */
export const SetRegisteredModelTagResponse = z.object({});
export type SetRegisteredModelTagResponse = z.output<typeof SetRegisteredModelTagResponse>;

/** `mlflow.SetModelVersionTag` */
export const SetModelVersionTag = z.object({
  name: z.string(),
  version: z.string(),
  key: z.string(),
  value: z.string(),
});
export type SetModelVersionTag = z.output<typeof SetModelVersionTag>;

/** `mlflow.SetModelVersionTag.Response` */
export const SetModelVersionTagResponse = z.object({});
export type SetModelVersionTagResponse = z.output<typeof SetModelVersionTagResponse>;

/** `mlflow.DeleteRegisteredModelTag` */
export const DeleteRegisteredModelTag = z.object({
  name: z.string(),
  key: z.string(),
});
export type DeleteRegisteredModelTag = z.output<typeof DeleteRegisteredModelTag>;

/** `mlflow.DeleteRegisteredModelTag.Response` */
export const DeleteRegisteredModelTagResponse = z.object({});
export type DeleteRegisteredModelTagResponse = z.output<typeof DeleteRegisteredModelTagResponse>;

/** `mlflow.DeleteModelVersionTag` */
export const DeleteModelVersionTag = z.object({
  name: z.string(),
  version: z.string(),
  key: z.string(),
});
export type DeleteModelVersionTag = z.output<typeof DeleteModelVersionTag>;

/** `mlflow.DeleteModelVersionTag.Response` */
export const DeleteModelVersionTagResponse = z.object({});
export type DeleteModelVersionTagResponse = z.output<typeof DeleteModelVersionTagResponse>;

/** `mlflow.SetRegisteredModelAlias` */
export const SetRegisteredModelAlias = z.object({
  name: z.string(),
  alias: z.string(),
  version: z.string(),
});
export type SetRegisteredModelAlias = z.output<typeof SetRegisteredModelAlias>;

/** `mlflow.SetRegisteredModelAlias.Response` */
export const SetRegisteredModelAliasResponse = z.object({});
export type SetRegisteredModelAliasResponse = z.output<typeof SetRegisteredModelAliasResponse>;

/** `mlflow.DeleteRegisteredModelAlias` */
export const DeleteRegisteredModelAlias = z.object({
  name: z.string(),
  alias: z.string(),
});
export type DeleteRegisteredModelAlias = z.output<typeof DeleteRegisteredModelAlias>;

/** `mlflow.DeleteRegisteredModelAlias.Response` */
export const DeleteRegisteredModelAliasResponse = z.object({});
export type DeleteRegisteredModelAliasResponse = z.output<typeof DeleteRegisteredModelAliasResponse>;

/** `mlflow.GetModelVersionByAlias` */
export const GetModelVersionByAlias = z.object({
  name: z.string(),
  alias: z.string(),
});
export type GetModelVersionByAlias = z.output<typeof GetModelVersionByAlias>;

/** `mlflow.GetModelVersionByAlias.Response` */
export const GetModelVersionByAliasResponse = z.object({
  model_version: ModelVersion.optional(),
});
export type GetModelVersionByAliasResponse = z.output<typeof GetModelVersionByAliasResponse>;

/** `mlflow.artifacts.DownloadArtifact` */
export const ArtifactsDownloadArtifact = z.object({});
export type ArtifactsDownloadArtifact = z.output<typeof ArtifactsDownloadArtifact>;

/** `mlflow.artifacts.DownloadArtifact.Response` */
export const ArtifactsDownloadArtifactResponse = z.object({});
export type ArtifactsDownloadArtifactResponse = z.output<typeof ArtifactsDownloadArtifactResponse>;

/** `mlflow.artifacts.UploadArtifact` */
export const ArtifactsUploadArtifact = z.object({});
export type ArtifactsUploadArtifact = z.output<typeof ArtifactsUploadArtifact>;

/** `mlflow.artifacts.UploadArtifact.Response` */
export const ArtifactsUploadArtifactResponse = z.object({});
export type ArtifactsUploadArtifactResponse = z.output<typeof ArtifactsUploadArtifactResponse>;

/** `mlflow.artifacts.ListArtifacts` */
export const ArtifactsListArtifacts = z.object({
  path: z.string().optional(),
});
export type ArtifactsListArtifacts = z.output<typeof ArtifactsListArtifacts>;

/** `mlflow.artifacts.FileInfo` */
export const ArtifactsFileInfo = z.object({
  path: z.string().optional(),
  is_dir: z.boolean().optional(),
  file_size: integer.optional(),
});
export type ArtifactsFileInfo = z.output<typeof ArtifactsFileInfo>;

/** `mlflow.artifacts.ListArtifacts.Response` */
export const ArtifactsListArtifactsResponse = z.object({
  files: z.array(ArtifactsFileInfo).optional(),
});
export type ArtifactsListArtifactsResponse = z.output<typeof ArtifactsListArtifactsResponse>;

/** `mlflow.artifacts.DeleteArtifact` */
export const ArtifactsDeleteArtifact = z.object({});
export type ArtifactsDeleteArtifact = z.output<typeof ArtifactsDeleteArtifact>;

/** `mlflow.artifacts.DeleteArtifact.Response` */
export const ArtifactsDeleteArtifactResponse = z.object({});
export type ArtifactsDeleteArtifactResponse = z.output<typeof ArtifactsDeleteArtifactResponse>;

/** `mlflow.artifacts.CreateMultipartUpload` */
export const ArtifactsCreateMultipartUpload = z.object({
  path: z.string().optional(),
  num_parts: integer.optional(),
});
export type ArtifactsCreateMultipartUpload = z.output<typeof ArtifactsCreateMultipartUpload>;

/** `mlflow.artifacts.MultipartUploadCredential` */
export const ArtifactsMultipartUploadCredential = z.object({
  url: z.string().optional(),
  part_number: integer.optional(),
  headers: z.record(z.string(), z.string()).optional(),
});
export type ArtifactsMultipartUploadCredential = z.output<typeof ArtifactsMultipartUploadCredential>;

/** `mlflow.artifacts.CreateMultipartUpload.Response` */
export const ArtifactsCreateMultipartUploadResponse = z.object({
  upload_id: z.string().optional(),
  credentials: z.array(ArtifactsMultipartUploadCredential).optional(),
});
export type ArtifactsCreateMultipartUploadResponse = z.output<typeof ArtifactsCreateMultipartUploadResponse>;

/** `mlflow.artifacts.MultipartUploadPart` */
export const ArtifactsMultipartUploadPart = z.object({
  part_number: integer.optional(),
  etag: z.string().optional(),
  url: z.string().optional(),
});
export type ArtifactsMultipartUploadPart = z.output<typeof ArtifactsMultipartUploadPart>;

/** `mlflow.artifacts.CompleteMultipartUpload` */
export const ArtifactsCompleteMultipartUpload = z.object({
  path: z.string().optional(),
  upload_id: z.string().optional(),
  parts: z.array(ArtifactsMultipartUploadPart).optional(),
});
export type ArtifactsCompleteMultipartUpload = z.output<typeof ArtifactsCompleteMultipartUpload>;

/** `mlflow.artifacts.CompleteMultipartUpload.Response` */
export const ArtifactsCompleteMultipartUploadResponse = z.object({});
export type ArtifactsCompleteMultipartUploadResponse = z.output<typeof ArtifactsCompleteMultipartUploadResponse>;

/** `mlflow.artifacts.AbortMultipartUpload` */
export const ArtifactsAbortMultipartUpload = z.object({
  path: z.string().optional(),
  upload_id: z.string().optional(),
});
export type ArtifactsAbortMultipartUpload = z.output<typeof ArtifactsAbortMultipartUpload>;

/** `mlflow.artifacts.AbortMultipartUpload.Response` */
export const ArtifactsAbortMultipartUploadResponse = z.object({});
export type ArtifactsAbortMultipartUploadResponse = z.output<typeof ArtifactsAbortMultipartUploadResponse>;

/** `mlflow.artifacts.GetPresignedDownloadUrl` */
export const ArtifactsGetPresignedDownloadUrl = z.object({});
export type ArtifactsGetPresignedDownloadUrl = z.output<typeof ArtifactsGetPresignedDownloadUrl>;

/** `mlflow.artifacts.GetPresignedDownloadUrl.Response` */
export const ArtifactsGetPresignedDownloadUrlResponse = z.object({
  url: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  file_size: integer.optional(),
});
export type ArtifactsGetPresignedDownloadUrlResponse = z.output<typeof ArtifactsGetPresignedDownloadUrlResponse>;
