//go:build linux

// Package scan is the whole scan of an image in a deployed build: it reads the image while Trivy's databases are downloaded, has Trivy scan the
// normal form without credentials and without a network, and matches the report with what the image declares.
//
// A failed step is no error of this package: run.json says which step came last and how it ended, and the evaluator interprets that. An error means
// that not even this could be written.
package scan
