"""What the AWS backends cost a client, against an emulator on this machine."""
