import { goSpdxCases, spdxAliases, spdxChoices } from './spdx';

/** In the form of go-spdx. */
const SOURCE = `
func TestSatisfies(t *testing.T) {
	tests := []struct{}{
		{"err - invalid license", "NON-EXISTENT-LICENSE", []string{"MIT"}, false,
			errors.New("unknown license")},
		{"GPL-2.0 satisfies [GPL-2.0+]", "GPL-2.0", []string{"GPL-2.0+"}, true, nil},
		{"MIT OR Apache-2.0 satisfies [MIT]", "MIT OR Apache-2.0", []string{"MIT"}, true, nil},
		{"! (MIT AND GPL-2.0) satisfies [ISC, GPL-2.0]",
			"(MIT AND GPL-2.0)", []string{"ISC", "GPL-2.0"}, false, nil},
	}
}

func TestExpand(t *testing.T) {
	{"MIT", "MIT", []string{"MIT"}, true, nil},
}
`;

test("go-spdx's cases are read out of its source", () => {
  expect(goSpdxCases(SOURCE)).toEqual([
    { expression: 'MIT OR Apache-2.0', allowed: ['MIT'], satisfied: true },
    { expression: '(MIT AND GPL-2.0)', allowed: ['ISC', 'GPL-2.0'], satisfied: false },
  ]);
});

test('they are run, and what differs is told', () => {
  expect(spdxChoices(goSpdxCases(SOURCE))).toEqual({ cases: 2, disagreements: [] });
  expect(spdxChoices([{ expression: 'MIT AND ISC', allowed: ['MIT'], satisfied: true }])).toEqual({
    cases: 1,
    disagreements: [{ name: 'MIT AND ISC with MIT', said: 'satisfied: true; refused: ISC' }],
  });
});

test('former ids are held against those of today', () => {
  expect(
    spdxAliases([
      { spdx_license_key: 'GPL-2.0-only', other_spdx_license_keys: ['GPL-2.0', 'GPL 2.0'] },
      { spdx_license_key: 'LicenseRef-scancode-net-snmp', other_spdx_license_keys: ['Net-SNMP'] },
      { spdx_license_key: 'MIT', other_spdx_license_keys: ['Nunit'] },
    ]),
  ).toEqual({
    cases: 2,
    disagreements: [{ name: 'MIT, formerly Nunit', said: 'MIT is forbidden, and Nunit passes' }],
  });
});
