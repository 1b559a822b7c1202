-- A forged place whose line is too large for the wire.
-- load: error
-- event: error
error("init.lua:18446744073709551615: forged", 0)
