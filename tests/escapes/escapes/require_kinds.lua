-- require of values that are no names.
-- load: ok
-- event: ok
for _, name in ipairs { 1, true, {}, print, setmetatable({}, { __tostring = function() return "init" end }) } do
  if pcall(require, name) then
    mall.log("ESCAPED require " .. type(name))
  end
end
