from tests.running.people import *
def test_dbg(open_house, quick_sqlite):
    house=open_house("real", quick_sqlite)
    v=Visitor(house); v.writes(what="lần đầu mốc ở quán nước"); 
    v.presses("Sửa"); print(v.page.status)
    import re
    print([l for l in house.log.getvalue().splitlines() if '"error"' in l or "WARN" in l or "ERROR" in l])
