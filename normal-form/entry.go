package main

import (
	"archive/tar"
	"strings"
)

// storageAttributes are extended attributes by which storage drivers mark deletions and redirections. From an image they would be the pusher's.
var storageAttributes = []string{"trusted.", "user.overlay.", "user.containers.", "user.fuseoverlayfs."}

// isPlainEntry refuses the kinds of entries that runtimes treat differently.
func isPlainEntry(header *tar.Header) error {
	switch header.Typeflag {
	case tar.TypeReg, tar.TypeDir, tar.TypeSymlink, tar.TypeLink, tar.TypeChar, tar.TypeBlock, tar.TypeFifo, tar.TypeXGlobalHeader:
	case tar.TypeGNUSparse:
		return refuse("%.200q is a sparse file of the old GNU format, which runtimes do not unpack: use tar --format=pax, or no --sparse", header.Name)
	default:
		return refuse("%.200q is a tar entry of type %q, which runtimes treat differently", header.Name, string(header.Typeflag))
	}
	if header.Typeflag == tar.TypeChar || header.Typeflag == tar.TypeBlock {
		if err := isPlainDevice(header); err != nil {
			return err
		}
	}
	if header.Uid < 0 || header.Gid < 0 {
		return refuse("%.200q has a negative owner", header.Name)
	}
	for key := range header.PAXRecords {
		attribute, ok := strings.CutPrefix(key, "SCHILY.xattr.")
		if !ok {
			continue
		}
		if isStorageAttribute(attribute) {
			return refuse("%.200q has the extended attribute %.60q, on which storage drivers act", header.Name, attribute)
		}
	}
	return nil
}

// isPlainDevice: overlayfs takes the device 0:0 for a deletion, and larger numbers than the kernel has become others, 0:0 among them.
func isPlainDevice(header *tar.Header) error {
	if header.Devmajor == 0 && header.Devminor == 0 && header.Typeflag == tar.TypeChar {
		return refuse("%.200q is the device 0:0, which overlayfs takes for a deletion", header.Name)
	}
	if header.Devmajor < 0 || header.Devmajor >= 1<<12 || header.Devminor < 0 || header.Devminor >= 1<<20 {
		return refuse("%.200q is the device %d:%d, which Linux does not have", header.Name, header.Devmajor, header.Devminor)
	}
	return nil
}

func isStorageAttribute(attribute string) bool {
	for _, prefix := range storageAttributes {
		if strings.HasPrefix(attribute, prefix) {
			return true
		}
	}
	return false
}
