<?php
// What Composer takes from installed.json: each request is a line of paths in hex, each answer a line of JSON.
while (($line = fgets(STDIN)) !== false) {
    $found = [];
    foreach (array_filter(explode(' ', trim($line))) as $at => $hex) {
        // as Composer's FilesystemRepository does
        $data = json_decode((string) @file_get_contents(hex2bin($hex)), true);
        if (!is_array($data)) continue;
        $packages = $data['packages'] ?? $data;
        if (!is_array($packages)) continue;
        foreach ($packages as $package) {
            if (is_array($package) && is_string($package['name'] ?? null) && is_string($package['version'] ?? null) && $package['name'] !== '' && $package['version'] !== '') {
                $found[] = [$at, '', $package['name'], $package['version']];
            }
        }
    }
    echo json_encode($found, JSON_INVALID_UTF8_SUBSTITUTE), "\n";
}
