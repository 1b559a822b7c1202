-- Addresses in the texts of errors.
-- load: ok
-- event: ok
local attempts = {
  function() return {} .. "x" end, function() return {} + 1 end, function() return {} < {} end, function() return #5 end,
  function() return ({})() end, function() return nil .. "x" end, function() string.rep() end, function() math.floor {} end,
  function() return table.concat { {} } end, function() for _ in 5 do end end, function() setmetatable(1, 2) end,
  function() return ("x"):bad() end, function() error {} end, function() string.format("%d", {}) end, function() return 1 < "x" end,
}
for i, f in ipairs(attempts) do
  local _, e = pcall(f)
  e = tostring(e)
  if e:find "0x" then
    mall.log("ESCAPED an address in error " .. i .. ": " .. e)
  end
end
