/**
 * Samsa under one name: what users import from the packages, and no more. The command line is in main.ts.
 */
export * from '@samsa/broker'
