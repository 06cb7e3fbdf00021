//go:build !registry || !linux

package main

import (
	"fmt"
	"os"
)

// scanBuild fails: only builds scan by a job. The command line takes the same steps itself, also where it has this program in WebAssembly only,
// which starts no other program.
func scanBuild([]string) int {
	fmt.Fprintln(os.Stderr, "this build of the program does not scan, only that of deployed builds does")
	return exitUnread
}
