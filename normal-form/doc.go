package main

// What is refused, and why. The rule behind all of it: what Trivy reads of the normal form is what every runtime shows of the image. Where runtimes
// differ from each other there is no such thing, and the image is refused with the layer and the reason. "overlay" unpacks each layer into an empty
// folder (containerd's overlayfs, Docker's overlay2, Podman's overlay); "merged" unpacks it over the layers below (containerd's native, devmapper,
// btrfs and zfs, Docker's and Podman's vfs).
//
//	blob       its hash, size, diff_id or compression are not what the manifest and the config say     a node may hold another rootfs under a lying
//	                                                                                                   diff_id; who sniffs reads another layer
//	           bytes between or behind gzip members, zstd frames, or the tar; zstd skippable frames    some readers skip them, others read them.
//	                                                                                                   zstd:chunked and BuildKit's eStargz have theirs
//	                                                                                                   at a known place, with a table that is checked
//	           a table of contents that says something else than the tar                               lazy snapshotters go by the table alone
//	           a device or pipe over a file, in a layer with a table                                   Podman makes none when it goes by a table
//	manifest   data, urls                                                                              readers take the content from there
//	           unknown keys; a key twice, or in another spelling                                       first or last, any case or one: readers differ
//	config     the same; a history step that is no object; empty_layer that is no boolean              Trivy guesses the base image by it
//	tar        names that lead out of the root, that Linux does not take                               clipped, refused or followed
//	           other types of entries; global PAX headers (but for git's comment); old sparse files    skipped, refused, or taken for files
//	           device 0:0, numbers that do not fit; trusted.*, user.overlay.*, user.containers.*       deletions and redirections to storage drivers
//	           a name below a link or file of a lower layer, without an entry for the folder           overlay: a folder hides it; merged: goes through
//	           a folder that replaces something of its layer, over a folder below                      overlay: opaque or not; merged: empty
//	           a deletion behind or above what the layer wrote; of the root; with an empty name        order matters to some
//	           a folder named .wh.*                                                                    Docker's and Podman's vfs skip what is in it
//	           a hard link to a folder, to another layer, with another mode                            fails, or takes the first mode or the last
//	           a link target that turns back (a/../b), on the way to a name                            cleaned first, or walked
//
// What is written: each file that a runtime shows, once, in the layer that it comes from, and no deletions, since Trivy merges what it found in
// layers and not their files. A package database also stands where earlier layers had it, while the image still has one: by that Trivy tells which
// layer brought a package. Hard links become files; folders are left out. In layers of their own lie SBOMs, below all others, since Trivy would
// forget what they name; files that only a link reaches, or gives the name by which they
// declare packages, where Trivy looks for them; programs that are archives too, since Trivy reads a file as
// one of both; and what no runtime shows any more, under names that only the search for secrets reads. Programs are executable, since Trivy reads
// no others. The history keeps its words, and nothing from which a base image could be guessed.
//
// What else is read: the user of the config in the image's own /etc/passwd, and secrets of a few forms in each byte of each file, and in all texts of
// manifest and config. form.json says which user, and where secrets are, and never what they are. Words of manifest and config that Trivy does not
// know (annotations, container_config, unknown keys) join those of the author in the config, where only the search for secrets reads them.
//
// What is not looked at: indexes of SOCI. They are artifacts of their own (referrers of the manifest, or named by an annotation), made from the
// same gzip blob, and name offsets and hashes of parts of it. A node with SOCI's snapshotter goes by them while it loads lazily. Who may push such an
// index may so show it something else than the tar says; this program neither finds nor checks them.
