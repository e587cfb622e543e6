//! How network state reaches a host: targets, SSH, nmstatectl, NetworkManager checkpoints, the transaction.
