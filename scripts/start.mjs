/**
 * `npm start`: kept for the broker, which is not there yet.
 */
process.stderr.write(
  'There is no broker to start yet: today Samsa is the protocol alone. `npm test` shows what works.\n',
)
process.exitCode = 1
