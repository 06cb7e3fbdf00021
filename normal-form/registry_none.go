//go:build !registry || !linux

package main

// registryOf: at the desk an image is always given as a layout, so the client and what it needs stay out of the program.
func registryOf(name string) (source, error) {
	return nil, fail(scannerFailed, "%.200q is no folder, and this build has no registry client: give the folder of an OCI layout", name)
}
