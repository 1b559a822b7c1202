-- table.concat with a __len that lies.
-- load: error
-- event: error
table.concat(setmetatable({}, { __len = function() return 1 << 40 end }), "x", 1, 1 << 40)
