package differential

import "errors"

// errBroken marks what is wrong with this test or machine: it must not count as a runtime that refuses an image.
var errBroken = errors.New("the test cannot run here")
