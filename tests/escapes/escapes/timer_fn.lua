-- A timer whose function is replaced by things that are none.
-- load: ok|error
-- event: ok|error
for _, value in ipairs { 5, "x", {}, setmetatable({}, { __call = function() error "called" end }) } do
  local t = mall.after(0.05, function() end)
  pcall(function() t.fn = value end)
end
