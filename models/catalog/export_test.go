package catalog

// Fold is fold, for tests that need a database and so stand outside this package.
var Fold = fold
