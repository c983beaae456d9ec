/**
 * What sibling packages may use: nothing, since no package stands on this one.
 */
export {}
