-- math replaced by functions that lie.
-- load: ok
-- event: ok
for name, f in pairs(math) do
  if type(f) == "function" then
    math[name] = function()
      return 0 / 0
    end
  end
end
local x = mall.random(10)
if x ~= x then
  mall.log "ESCAPED mall.random uses the creator's math"
end
