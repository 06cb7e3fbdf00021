package differential

import "golang.org/x/sys/unix"

func makedev(major, minor int64) uint64 { return unix.Mkdev(uint32(major), uint32(minor)) }
