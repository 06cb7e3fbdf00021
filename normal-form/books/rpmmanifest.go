package books

import (
	"cmp"
	"fmt"
	"strings"
)

// rpmManifest is what images of Azure Linux and CBL-Mariner without rpm have: the answer of `rpm -qa`, with ten columns.
const rpmManifest = "var/lib/rpmmanifest/container-manifest-2"

const (
	manifestColumns = 10
	columnName      = 0
	columnVersion   = 1
	columnVendor    = 4
	columnArch      = 7
	columnEpoch     = 8
	columnSource    = 9
)

func rpmManifests(tree Tree) []database {
	p := place{Rpm, rpmManifest}
	file, broken := p.file(tree)
	switch {
	case broken != nil:
		return []database{{Declaration: *broken}}
	case file.ReaderAt == nil:
		return nil
	}
	d := database{Declaration: Declaration{Path: p.path, Kind: Rpm, Layer: file.Layer}}
	var failed error
	err := eachLine(file, "\n", func(l line) bool {
		failed = d.addManifestLine(l)
		return failed == nil
	})
	if err = cmp.Or(err, failed); err != nil {
		d.fail(file, err, "leave it as the base image has it")
	}
	return []database{d}
}

func (d *database) addManifestLine(l line) error {
	columns := strings.Split(string(l.text), "\t")
	if len(columns) != manifestColumns || l.cut || columns[columnName] == "" {
		return fmt.Errorf("line %d is not of a package: %.100q", l.number, l.text)
	}
	if columns[columnName] == "gpg-pubkey" {
		return nil
	}
	epoch := withoutZero(columns[columnEpoch] + ":")
	return d.add(installation{
		Owner: Owner{
			Manager: Rpm,
			Name:    columns[columnName],
			Source:  sourceOfRpm(columns[columnSource]),
			Version: epoch + columns[columnVersion],
			Vendor:  columns[columnVendor],
		},
		arch:   columns[columnArch],
		source: nameAndVersionOfRpm(columns[columnSource]),
		facts:  strings.Join([]string{epoch, columns[columnSource], columns[columnVendor], ""}, "\n"),
	})
}
