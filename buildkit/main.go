//go:build wasip1

// dockerfile-reader is BuildKit's own reading of a Dockerfile as a WebAssembly reactor: a library without a `main`, whose host is
// dockerfile/reading/read-dockerfile.ts. It has no files, no network, no environment.
package main

import (
	"dockerfile-reader/reading"

	call "wasm-call"
)

func main() {}

//go:wasmexport read
func read(address uint32) uint64 { return call.Answer(address, reading.Answer) }
