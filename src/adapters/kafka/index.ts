/** Kafka: a consumer that keeps a place in its group, and a writer of records. The client's code is loaded when something connects. */
export { kafkaConnection } from './connection';
export { keepMembership, type Membership } from './membership';
export type { SessionTimes } from './session';
export { Slots } from './slots';
export { createTopicWriter, type TopicRecord, type TopicWriter } from './topic-writer';
