-- More captures than there can be.
-- load: error
-- event: error
string.find("x", string.rep("(", 200) .. string.rep(")", 200))
