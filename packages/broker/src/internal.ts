/**
 * The door for sibling packages.
 */
export {}
