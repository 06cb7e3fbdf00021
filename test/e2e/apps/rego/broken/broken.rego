package team

# the message is missing
deny contains if true
