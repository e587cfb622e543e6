terraform import nmstate_macsec.uplink macsec0
