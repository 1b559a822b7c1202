-- ipairs over a proxy that has no end.
-- load: budget
-- event: budget
for i in ipairs(setmetatable({}, { __index = function() return 1 end })) do
  local _ = i
end
