s0311-----
r s BC-SOA--GliderGlance     08-18 0120
^BC-SOA--Glider Glance<
^Glider Standings=
^All Times GMT=
^By The Associated Press=
^NORTHERN CLASS=
^             W   L   Pct
Kestrels     12   4  .750
Marlow A&B    9   7  .562   3{
	   ___=
^SOUTHERN CLASS=
^;W;L;Pct
Terns;10;6;.625
AP-WF-08-18-25 2017GMT<

