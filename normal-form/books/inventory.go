package books

import (
	"encoding/json"
	"fmt"
	"os"
)

const inventoryVersion = 1

// inventory is what inventory.json says: every file that declares packages.
type inventory struct {
	Version      int           `json:"version"`
	Declarations []Declaration `json:"declarations"`
}

// WriteInventory writes what an image declares.
func WriteInventory(file string, declarations []Declaration) error {
	if declarations == nil {
		declarations = []Declaration{}
	}
	return writeJSON(file, inventory{inventoryVersion, declarations})
}

// ReadInventory reads what WriteInventory wrote. A document without a list of declarations is none: nothing would be missing from its scan.
func ReadInventory(file string) ([]Declaration, error) {
	var read inventory
	if err := readJSON(file, &read); err != nil {
		return nil, err
	}
	if read.Version != inventoryVersion || read.Declarations == nil {
		return nil, fmt.Errorf("%s has the version %d, allowed: %d with a list of declarations; write it with this program", file, read.Version, inventoryVersion)
	}
	return read.Declarations, nil
}

func readJSON(file string, into any) error {
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		return fmt.Errorf("%s cannot be read: %w", file, err)
	}
	return nil
}

func writeJSON(file string, document any) error {
	text, err := json.Marshal(document)
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}
