//go:build wasip1

// Package call is how a WebAssembly reactor, a library without a `main`, is called from src/core/wasm.
//
// A request is bytes in memory from `alloc`. The call that gets it consumes it. The address of an answer is in the upper half of the result,
// its length in the lower. It stays until `free`.
package call

import "unsafe"

// pinned keeps memory whose address the host holds: Go's collector does not see the host. It does not move memory.
var pinned = map[uint32][]byte{}

//go:wasmexport alloc
func alloc(length uint32) uint32 {
	return pin(make([]byte, length, length+1)) // an empty request has an address too
}

//go:wasmexport free
func free(address uint32) { delete(pinned, address) }

// Answer hands the request at an address to the work, and what the work returns to the host.
func Answer(address uint32, work func([]byte) []byte) uint64 {
	request := pinned[address]
	delete(pinned, address)
	answer := work(request)
	return uint64(pin(answer))<<32 | uint64(len(answer))
}

func pin(bytes []byte) uint32 {
	address := uint32(uintptr(unsafe.Pointer(unsafe.SliceData(bytes))))
	pinned[address] = bytes
	return address
}
