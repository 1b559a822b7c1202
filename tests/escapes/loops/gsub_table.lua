-- gsub with a table whose __index loops.
-- load: budget
-- event: budget
string.gsub("abc", ".", setmetatable({}, { __index = function()
  while true do end
end }))
