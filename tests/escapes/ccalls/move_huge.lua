-- table.move over counts that must be refused.
-- load: ok
-- event: ok
local moves = {
  { 1, math.maxinteger, 2 }, { math.mininteger, math.maxinteger, 1 }, { 1, 2, math.maxinteger }, { -1 << 40, 1 << 40, 0 },
}
for _, m in ipairs(moves) do
  if pcall(table.move, {}, m[1], m[2], m[3]) and m[2] - m[1] > 1e7 then
    mall.log("ESCAPED table.move moved " .. m[1] .. " to " .. m[2])
  end
end
