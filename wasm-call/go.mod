module wasm-call

go 1.26.0
