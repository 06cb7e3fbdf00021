//go:build wasip1

// rego-engine is OPA's own parser, compiler and evaluator as a WebAssembly reactor: a library without a `main`, whose host is
// src/core/rego. It has no files, no network, no environment and no clock but the host's.
//
// Requests and answers are JSON, handed over as wasm-call tells.
package main

import (
	"fmt"

	"rego-engine/engine"

	call "wasm-call"
)

func main() {}

var current engine.Engine

//go:wasmexport prepare
func prepare(address uint32) uint64 {
	return answer(address, func(request []byte) any { return current.Prepare(request) })
}

//go:wasmexport report
func report(address uint32) uint64 {
	return answer(address, func(request []byte) any { return current.SetReport(request) })
}

//go:wasmexport operating_system
func operatingSystem(address uint32) uint64 {
	return answer(address, func(request []byte) any { return current.SetOperatingSystem(request) })
}

//go:wasmexport evaluate
func evaluate(address uint32) uint64 {
	return answer(address, func(request []byte) any { return current.Evaluate(request) })
}

func answer(address uint32, work func([]byte) any) uint64 {
	return call.Answer(address, func(request []byte) []byte { return engine.Encode(guarded(request, work)) })
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
