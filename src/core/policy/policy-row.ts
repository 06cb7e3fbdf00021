/** Key of the register's row that says which policy is in force. No image's name starts like it. */
export const POLICY_ROW = 'POLICY';
