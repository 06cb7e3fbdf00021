//go:build wasip1

// rego-engine is OPA's own parser, compiler and evaluator as a WebAssembly reactor: a library without a `main`, whose host is
// src/core/rego. It has no files, no network, no environment and no clock but the host's.
//
// A request is JSON in memory from `rego_alloc`. The call that gets it consumes it. An answer is JSON too: its address is in the upper half of
// the result, its length in the lower. It stays until `rego_free`.
package main

import (
	"fmt"
	"unsafe"

	"rego-engine/engine"
)

func main() {}

// pinned keeps memory whose address the host holds: Go's collector does not see the host. It does not move memory.
var pinned = map[uint32][]byte{}

var current engine.Engine

//go:wasmexport rego_alloc
func alloc(length uint32) uint32 {
	return pin(make([]byte, length, length+1)) // an empty request has an address too
}

//go:wasmexport rego_free
func free(address uint32) { delete(pinned, address) }

//go:wasmexport rego_prepare
func prepare(address uint32) uint64 {
	return answer(address, func(request []byte) any { return current.Prepare(request) })
}

//go:wasmexport rego_report
func report(address uint32) uint64 {
	return answer(address, func(request []byte) any { return current.SetReport(request) })
}

//go:wasmexport rego_operating_system
func operatingSystem(address uint32) uint64 {
	return answer(address, func(request []byte) any { return current.SetOperatingSystem(request) })
}

//go:wasmexport rego_evaluate
func evaluate(address uint32) uint64 {
	return answer(address, func(request []byte) any { return current.Evaluate(request) })
}

func answer(address uint32, work func([]byte) any) uint64 {
	request := pinned[address]
	delete(pinned, address)
	bytes := engine.Encode(guarded(request, work))
	return uint64(pin(bytes))<<32 | uint64(len(bytes))
}

// guarded turns a panic of OPA into an answer: a panic that reached the host would end the whole instance.
func guarded(request []byte, work func([]byte) any) (result any) {
	defer func() {
		if fault := recover(); fault != nil {
			result = engine.Refused("engine_panic", fmt.Sprint(fault))
		}
	}()
	return work(request)
}

func pin(bytes []byte) uint32 {
	address := uint32(uintptr(unsafe.Pointer(unsafe.SliceData(bytes))))
	pinned[address] = bytes
	return address
}
