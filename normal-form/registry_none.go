//go:build !registry || !linux

package main

// registryOf fails: on the command line an image is always given as a layout, so the registry client and its
// dependencies are left out of the program.
func registryOf(name string) (source, error) {
	return nil, fail(scannerFailed, "%.200q is no folder, and this build has no registry client: give the folder of an OCI layout", name)
}
