//go:build registry && linux

package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"normal-form/scan"
)

const exitStopped = 128 + int(syscall.SIGTERM)

// scanBuild takes the image of a build through all steps, and prints the checksum of its checksums.
func scanBuild(args []string) int {
	if len(args) != 1 {
		fmt.Fprintln(os.Stderr, "usage: normal-form scan JOB")
		return exitUnread
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	sums, err := scan.Run(ctx, args[0], os.Getenv, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, oneLine(err.Error()))
		if ctx.Err() != nil {
			return exitStopped
		}
		return exitUnread
	}
	for _, sum := range sums {
		fmt.Println(sum)
	}
	return 0
}
