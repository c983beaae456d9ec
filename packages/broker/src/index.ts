/**
 * A Kafka broker in a process of Node.
 */
export {}
