-- A forged place whose line has two thousand digits.
-- load: error
-- event: error
error("init.lua:" .. string.rep("9", 1900) .. ": forged", 0)
