// Package differential compares what the normal form shows to Trivy with what container runtimes unpack. All of it runs in tests.
package differential
