-- The first use of a library where memory ends.
-- load: memory
-- event: error
local keep, sub = {}, string.sub
local s = ("x"):rep(70000)
local base = {}
for i = 1, 26 do base[i] = sub(s, i) end
for i = 1, 300 do keep[i] = false end
local n = 0
local function tbc(f) return setmetatable({}, {__close = f}) end
local function deep(k) if k > 0 then deep(k - 1) end return k end
local function fill(size)
  return tbc(function()
    while true do n = n + 1 keep[n] = sub(s, 1, size) end
  end)
end
local F = {}
for i, size in ipairs{65536,32768,16384,8192,4096,2048,1024,512,256,128,64,48,41} do F[i] = fill(size) end
local USE = tbc(function() return utf8.char end)
local LOOP = tbc(function() local q = 0 while true do q = q + 1 end end)
local F1,F2,F3,F4,F5,F6,F7,F8,F9,F10,F11,F12,F13 = table.unpack(F)
local function attack()
  deep(12)
  local a <close> = LOOP
  local b <close> = USE
  local c13 <close>, c12 <const> = F13, 1
  local d12 <close> = F12
  local d11 <close> = F11
  local d10 <close> = F10
  local d9 <close> = F9
  local d8 <close> = F8
  local d7 <close> = F7
  local d6 <close> = F6
  local d5 <close> = F5
  local d4 <close> = F4
  local d3 <close> = F3
  local d2 <close> = F2
  local d1 <close> = F1
end
local ticks = 0
mall.on("tick", function() ticks = ticks + 1 if ticks == 3 then attack() end end)
