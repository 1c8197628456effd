// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {MarketRegistry} from "../../src/MarketRegistry.sol";
import {DebtTerms, Route, Terms} from "../../src/types/Types.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Test} from "forge-std/Test.sol";

contract MarketRegistryTest is Test {
    bytes32 internal constant MARKET = "mock-alpha";
    address internal constant DEBT = address(0xd);
    address internal constant COLLATERAL = address(0xc);

    AccessManager internal manager;
    MarketRegistry internal registry;

    function setUp() public {
        manager = new AccessManager(address(this));
        registry = new MarketRegistry(address(manager));
    }

    function _terms() internal pure returns (Terms memory terms) {
        terms.adapter = address(0xa);
        terms.treasury = address(0xb);
        terms.borrowerBps = 8000;
        terms.slot = 4;
        terms.quoteWindow = 1500;
        terms.landingWindow = 12;
        terms.exclusivity = 120;
        terms.fillWindow = 600;
        terms.proofWindow = 3600;
        terms.auctionLength = 600;
        terms.takeDelay = 300;
        terms.trialGas = 2_000_000;
    }

    function _route() internal pure returns (Route memory) {
        return Route(true, 18, 5, 20, address(1), address(2), address(3), address(4));
    }

    /// @dev A market that serves one pair, with three auctioneers.
    function _serve() internal {
        registry.setTerms(MARKET, _terms());
        DebtTerms memory debtTerms;
        debtTerms.vault = address(0xe);
        debtTerms.capRepaid = 7;
        registry.setDebtTerms(MARKET, DEBT, debtTerms);
        registry.setCollateral(MARKET, COLLATERAL, true);
    }

    function test_LandingsReadWhatWasSetLast() public {
        _serve();
        address[3] memory more = [address(0xc1), address(0xc2), address(0xc3)];
        for (uint256 i; i < 3; ++i) {
            registry.setCollateral(MARKET, more[i], true);
            registry.setCollateral(MARKET, more[i], true); // again changes nothing
        }
        registry.setCollateral(MARKET, COLLATERAL, false);
        vm.expectRevert(abi.encodeWithSelector(MarketRegistry.CollateralNotAllowed.selector, COLLATERAL));
        registry.landingRules(MARKET, COLLATERAL, DEBT);
        DebtTerms memory other;
        (other.vault, other.keeperFee) = (address(0xf), 3);
        registry.setDebtTerms(MARKET, address(0xd2), other);
        Terms memory terms = _terms();
        terms.bonusBps = 42;
        registry.setTerms(MARKET, terms);
        registry.lowerCaps(MARKET, DEBT, 0, 5);
        for (uint256 i; i < 3; ++i) {
            (Terms memory read, uint32 version, DebtTerms memory forDebt,) =
                registry.landingRules(MARKET, more[i], address(0xd2));
            assertEq(abi.encode(read), abi.encode(terms));
            assertEq(version, 2);
            assertEq(abi.encode(forDebt), abi.encode(other));
            (,, forDebt,) = registry.landingRules(MARKET, more[i], DEBT);
            assertEq(forDebt.capRepaid, 5);
        }
    }

    function test_AMarketsTokensAreLimited() public {
        _serve();
        uint256 most = registry.MAX_TOKENS();
        for (uint160 i = 1; i < most; ++i) {
            registry.setCollateral(MARKET, address(i << 32), true);
        }
        vm.expectRevert(abi.encodeWithSelector(MarketRegistry.TooManyTokens.selector, most));
        registry.setCollateral(MARKET, address(1), true);
        registry.setCollateral(MARKET, COLLATERAL, false);
        registry.setCollateral(MARKET, address(1), true);
        registry.landingRules(MARKET, address(1), DEBT);
    }

    function _expectTermsRefused(Terms memory terms, bytes memory reason) internal {
        vm.expectRevert(reason);
        registry.setTerms(MARKET, terms);
    }

    // ---- who may change what ----

    function test_EverySetterIsRestricted() public {
        address[] memory none = new address[](0);
        DebtTerms memory debtTerms;
        bytes[8] memory calls = [
            abi.encodeCall(registry.setTerms, (MARKET, _terms())),
            abi.encodeCall(registry.setDebtTerms, (MARKET, DEBT, debtTerms)),
            abi.encodeCall(registry.setRoute, (MARKET, DEBT, 7, _route())),
            abi.encodeCall(registry.setAuctioneers, (MARKET, none, 0)),
            abi.encodeCall(registry.setCollateral, (MARKET, COLLATERAL, true)),
            abi.encodeCall(registry.lowerCaps, (MARKET, DEBT, 0, 0)),
            abi.encodeCall(registry.pause, (MARKET)),
            abi.encodeCall(registry.unpause, (MARKET))
        ];
        for (uint256 i; i < calls.length; ++i) {
            vm.prank(address(0xbad));
            (bool ok, bytes memory returned) = address(registry).call(calls[i]);
            assertFalse(ok);
            assertEq(
                returned, abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(0xbad))
            );
        }
    }

    function test_DelayedRoleWaits() public {
        address operator = address(0x09);
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = registry.setTerms.selector;
        manager.setTargetFunctionRole(address(registry), selectors, 5);
        manager.grantRole(5, operator, 7 days);
        bytes memory call = abi.encodeCall(registry.setTerms, (MARKET, _terms()));
        vm.startPrank(operator);
        vm.expectRevert();
        registry.setTerms(MARKET, _terms());
        manager.schedule(address(registry), call, 0);
        vm.warp(block.timestamp + 7 days);
        manager.execute(address(registry), call);
        vm.stopPrank();
        (, uint32 version) = registry.terms(MARKET);
        assertEq(version, 1);
    }

    // ---- terms ----

    function test_Terms_VersionsAreKept() public {
        vm.expectEmit(address(registry));
        emit MarketRegistry.TermsSet(MARKET, 1, _terms());
        registry.setTerms(MARKET, _terms());
        Terms memory next = _terms();
        next.borrowerBps = 5000;
        next.treasury = address(0x7);
        registry.setTerms(MARKET, next);
        (Terms memory current, uint32 version) = registry.terms(MARKET);
        assertEq(version, 2);
        assertEq(abi.encode(current), abi.encode(next));
        assertEq(abi.encode(registry.termsAt(MARKET, 1)), abi.encode(_terms()));
        (address treasury, uint16 borrowerBps) = registry.splitAt(MARKET, 1);
        assertEq(treasury, address(0xb));
        assertEq(borrowerBps, 8000);
        (treasury, borrowerBps) = registry.splitAt(MARKET, 2);
        assertEq(treasury, address(0x7));
        assertEq(borrowerBps, 5000);
    }

    function test_Terms_Unknown() public {
        bytes memory unknown = abi.encodeWithSelector(MarketRegistry.UnknownMarket.selector, MARKET);
        vm.expectRevert(unknown);
        registry.terms(MARKET);
        vm.expectRevert(unknown);
        registry.termsAt(MARKET, 0);
        vm.expectRevert(unknown);
        registry.termsAt(MARKET, 1);
        vm.expectRevert(unknown);
        registry.landingRules(MARKET, COLLATERAL, DEBT);
    }

    function test_Terms_ZeroAddress() public {
        bytes memory reason = abi.encodeWithSelector(MarketRegistry.ZeroAddress.selector);
        Terms memory terms = _terms();
        terms.adapter = address(0);
        _expectTermsRefused(terms, reason);
        terms = _terms();
        terms.treasury = address(0);
        _expectTermsRefused(terms, reason);
    }

    /// The parts are words 2 to 10 of the struct, the windows words 11 to 14 and 16 to 19.
    function test_Terms_EveryPartIsAtMostTheWhole() public {
        for (uint256 word = 2; word < 11; ++word) {
            _expectTermsRefused(
                _with(word, 10_001), abi.encodeWithSelector(MarketRegistry.BpsOutOfRange.selector, 10_001)
            );
            registry.setTerms(MARKET, _with(word, 10_000));
        }
    }

    function test_Terms_NoWindowIsZero() public {
        uint8[8] memory words = [11, 12, 13, 14, 16, 17, 18, 19];
        for (uint256 i; i < words.length; ++i) {
            _expectTermsRefused(_with(words[i], 0), abi.encodeWithSelector(MarketRegistry.ZeroWindow.selector));
        }
        registry.setTerms(MARKET, _with(15, 0)); // clock skew may be
        registry.setTerms(MARKET, _with(20, 0)); // the cap then holds for each landing
    }

    function test_Terms_TrialGas() public {
        uint256 word = 21;
        _expectTermsRefused(
            _with(word, 199_999), abi.encodeWithSelector(MarketRegistry.TrialGasOutOfRange.selector, 199_999)
        );
        _expectTermsRefused(
            _with(word, 10_000_001), abi.encodeWithSelector(MarketRegistry.TrialGasOutOfRange.selector, 10_000_001)
        );
        registry.setTerms(MARKET, _with(word, 200_000));
        registry.setTerms(MARKET, _with(word, 10_000_000));
    }

    function _with(uint256 word, uint256 value) internal pure returns (Terms memory terms) {
        terms = _terms();
        assembly ("memory-safe") {
            mstore(add(terms, mul(word, 32)), value)
        }
    }

    // ---- debt, routes, collateral, pause ----

    function test_DebtTerms() public {
        DebtTerms memory terms = DebtTerms(address(0xe), 2e6, 10e6, 1e12, 2e12);
        vm.expectRevert(MarketRegistry.ZeroAddress.selector);
        registry.setDebtTerms(MARKET, address(0), terms);
        vm.expectEmit(address(registry));
        emit MarketRegistry.DebtTermsSet(MARKET, DEBT, terms);
        registry.setDebtTerms(MARKET, DEBT, terms);
        assertEq(abi.encode(registry.debtTerms(MARKET, DEBT)), abi.encode(terms));
    }

    /// Open orders settle with the vault that fronted them, so it can never be exchanged.
    function test_DebtTerms_VaultIsFixed() public {
        DebtTerms memory terms = DebtTerms(address(0xe), 2e6, 10e6, 1e12, 2e12);
        registry.setDebtTerms(MARKET, DEBT, terms);
        terms.vault = address(0xf);
        vm.expectRevert(abi.encodeWithSelector(MarketRegistry.VaultIsFixed.selector, address(0xe)));
        registry.setDebtTerms(MARKET, DEBT, terms);
        terms.vault = address(0);
        vm.expectRevert(abi.encodeWithSelector(MarketRegistry.VaultIsFixed.selector, address(0xe)));
        registry.setDebtTerms(MARKET, DEBT, terms);
        terms = DebtTerms(address(0xe), 0, 0, 0, 0);
        registry.setDebtTerms(MARKET, DEBT, terms);
    }

    function test_LowerCaps() public {
        vm.expectRevert(abi.encodeWithSelector(MarketRegistry.DebtNotServed.selector, DEBT));
        registry.lowerCaps(MARKET, DEBT, 0, 0);
        registry.setDebtTerms(MARKET, DEBT, DebtTerms(address(0xe), 2e6, 10e6, 1e12, 2e12));
        vm.expectRevert(abi.encodeWithSelector(MarketRegistry.CapNotLower.selector, 1e12, 1e12 + 1));
        registry.lowerCaps(MARKET, DEBT, 1e12 + 1, 0);
        vm.expectRevert(abi.encodeWithSelector(MarketRegistry.CapNotLower.selector, 2e12, 2e12 + 1));
        registry.lowerCaps(MARKET, DEBT, 0, 2e12 + 1);
        registry.lowerCaps(MARKET, DEBT, 1e12, 2e12); // no change is no increase
        vm.expectEmit(address(registry));
        emit MarketRegistry.DebtTermsSet(MARKET, DEBT, DebtTerms(address(0xe), 2e6, 10e6, 3, 4));
        registry.lowerCaps(MARKET, DEBT, 3, 4);
        assertEq(registry.debtTerms(MARKET, DEBT).capPrincipal, 3);
        assertEq(registry.debtTerms(MARKET, DEBT).capRepaid, 4);
        assertEq(registry.debtTerms(MARKET, DEBT).keeperFee, 2e6, "nothing else changes");
    }

    function test_BountyOfAVersion() public {
        Terms memory rules = _terms();
        rules.lateBountyBps = 50;
        registry.setTerms(MARKET, rules);
        rules.lateBountyBps = 70;
        registry.setTerms(MARKET, rules);
        assertEq(registry.bountyBpsAt(MARKET, 1), 50);
        assertEq(registry.bountyBpsAt(MARKET, 2), 70);
    }

    function test_Route() public {
        Route memory route = _route();
        vm.expectEmit(address(registry));
        emit MarketRegistry.RouteSet(MARKET, DEBT, 7, route);
        registry.setRoute(MARKET, DEBT, 7, route);
        assertEq(abi.encode(registry.route(MARKET, DEBT, 7)), abi.encode(route));
        assertFalse(registry.route(MARKET, DEBT, 8).enabled);
        Route memory off;
        registry.setRoute(MARKET, DEBT, 7, off);
        assertFalse(registry.route(MARKET, DEBT, 7).enabled);
    }

    function test_Route_Refused() public {
        bytes memory zero = abi.encodeWithSelector(MarketRegistry.ZeroAddress.selector);
        Route memory route = _route();
        route.payEscrow = address(0);
        _expectRouteRefused(route, zero);
        route = _route();
        route.payToken = address(0);
        _expectRouteRefused(route, zero);
        route = _route();
        route.treasury = address(0);
        _expectRouteRefused(route, zero);
        route = _route();
        route.payDecimals = 37;
        _expectRouteRefused(route, abi.encodeWithSelector(MarketRegistry.DecimalsOutOfRange.selector, 37));
        route = _route();
        route.feeBps = 10_001;
        _expectRouteRefused(route, abi.encodeWithSelector(MarketRegistry.BpsOutOfRange.selector, 10_001));
        route = _route();
        route.handicapBps = 10_001;
        _expectRouteRefused(route, abi.encodeWithSelector(MarketRegistry.BpsOutOfRange.selector, 10_001));
    }

    function _expectRouteRefused(Route memory route, bytes memory reason) internal {
        vm.expectRevert(reason);
        registry.setRoute(MARKET, DEBT, 7, route);
    }

    function test_LandingRules() public {
        registry.setTerms(MARKET, _terms());
        bytes memory notAllowed = abi.encodeWithSelector(MarketRegistry.CollateralNotAllowed.selector, COLLATERAL);
        vm.expectRevert(notAllowed);
        registry.landingRules(MARKET, COLLATERAL, DEBT);
        vm.expectRevert(MarketRegistry.ZeroAddress.selector);
        registry.setCollateral(MARKET, address(0), true);
        vm.expectEmit(address(registry));
        emit MarketRegistry.CollateralSet(MARKET, COLLATERAL, true);
        registry.setCollateral(MARKET, COLLATERAL, true);
        vm.expectRevert(abi.encodeWithSelector(MarketRegistry.DebtNotServed.selector, DEBT));
        registry.landingRules(MARKET, COLLATERAL, DEBT);
        registry.setDebtTerms(MARKET, DEBT, DebtTerms(address(0xe), 2e6, 10e6, 1e12, 2e12));
        (Terms memory terms, uint32 version, DebtTerms memory forDebt,) =
            registry.landingRules(MARKET, COLLATERAL, DEBT);
        assertEq(terms.adapter, address(0xa));
        assertEq(version, 1);
        assertEq(forDebt.keeperFee, 2e6);
        vm.expectRevert(notAllowed);
        registry.landingRules(MARKET, COLLATERAL, COLLATERAL); // nothing is liquidated into itself

        vm.expectEmit(address(registry));
        emit MarketRegistry.PausedSet(MARKET, true);
        registry.pause(MARKET);
        vm.expectRevert(abi.encodeWithSelector(MarketRegistry.Paused.selector, MARKET));
        registry.landingRules(MARKET, COLLATERAL, DEBT);
        registry.unpause(MARKET);
        registry.landingRules(MARKET, COLLATERAL, DEBT);
    }

    function test_WindowsNoLongerThanBondsStay() public {
        Terms memory terms = _terms();
        (terms.quoteWindow, terms.landingWindow) = (3001, 1 hours - 4);
        registry.setTerms(MARKET, terms);
        terms.landingWindow += 1;
        vm.expectRevert(abi.encodeWithSelector(MarketRegistry.PromiseTooLong.selector, 1 hours + 1, 1 hours));
        registry.setTerms(MARKET, terms);
    }

    /// What a solver promised to pay is what the rules asked for when it promised.
    function test_ChangedRulesAreForLaterIntents() public {
        registry.setTerms(MARKET, _terms());
        registry.setCollateral(MARKET, COLLATERAL, true);
        registry.setDebtTerms(MARKET, DEBT, DebtTerms(address(0xe), 2e6, 10e6, 1e12, 2e12));
        uint64 window = _terms().quoteWindow;
        for (uint256 i; i < 3; ++i) {
            vm.warp(block.timestamp + 1 hours);
            if (i == 0) registry.setRoute(MARKET, DEBT, 7, _route());
            if (i == 1) registry.setDebtTerms(MARKET, DEBT, DebtTerms(address(0xe), 3e6, 10e6, 1e12, 2e12));
            if (i == 2) {
                Terms memory terms = _terms();
                terms.quoteWindow = 1; // those quoting now were given longer
                registry.setTerms(MARKET, terms);
            }
            (,,, uint64 freshFrom) = registry.landingRules(MARKET, COLLATERAL, DEBT);
            assertEq(freshFrom, block.timestamp * 1000 + window);
            uint256 then = block.timestamp;
            vm.warp(then + 10);
            registry.lowerCaps(MARKET, DEBT, 1, 1); // only lets less land
            registry.pause(MARKET);
            registry.unpause(MARKET);
            (,,, freshFrom) = registry.landingRules(MARKET, COLLATERAL, DEBT);
            assertEq(freshFrom, then * 1000 + window);
            vm.warp(then);
            registry.setRoute(MARKET, DEBT, 7, _route());
            (,,, freshFrom) = registry.landingRules(MARKET, COLLATERAL, DEBT);
            assertEq(freshFrom, then * 1000 + window, "a shorter window lets none of them land sooner");
        }
    }

    // ---- auctioneers ----

    function _members(uint256 n) internal pure returns (address[] memory members) {
        members = new address[](n);
        for (uint256 i; i < n; ++i) {
            members[i] = address(uint160(i + 1));
        }
    }

    function test_Auctioneers_ReplaceTheOld() public {
        registry.setAuctioneers(MARKET, _members(3), 2);
        assertTrue(registry.isAuctioneer(MARKET, address(3)));
        address[] memory next = new address[](1);
        next[0] = address(9);
        vm.expectEmit(address(registry));
        emit MarketRegistry.AuctioneersSet(MARKET, next, 1);
        registry.setAuctioneers(MARKET, next, 1);
        assertFalse(registry.isAuctioneer(MARKET, address(3)));
        assertTrue(registry.isAuctioneer(MARKET, address(9)));
        (address[] memory members, uint8 threshold) = registry.auctioneers(MARKET);
        assertEq(members.length, 1);
        assertEq(threshold, 1);
    }

    function test_Auctioneers_KeepingSomeMembers() public {
        registry.setAuctioneers(MARKET, _members(3), 2);
        registry.setAuctioneers(MARKET, _members(2), 2);
        assertTrue(registry.isAuctioneer(MARKET, address(1)));
        assertTrue(registry.isAuctioneer(MARKET, address(2)));
        assertFalse(registry.isAuctioneer(MARKET, address(3)));
    }

    function test_Auctioneers_Ascending() public {
        address[] memory members = _members(3);
        members[2] = members[1];
        vm.expectRevert(abi.encodeWithSelector(MarketRegistry.AuctioneersNotAscending.selector, address(2), address(2)));
        registry.setAuctioneers(MARKET, members, 2);
        (members[0], members[1], members[2]) = (address(2), address(1), address(3));
        vm.expectRevert(abi.encodeWithSelector(MarketRegistry.AuctioneersNotAscending.selector, address(2), address(1)));
        registry.setAuctioneers(MARKET, members, 2);
        members[0] = address(0);
        vm.expectRevert(abi.encodeWithSelector(MarketRegistry.AuctioneersNotAscending.selector, address(0), address(0)));
        registry.setAuctioneers(MARKET, members, 2);
    }

    function testFuzz_Auctioneers_ThresholdIsMoreThanHalf(uint8 n, uint8 threshold) public {
        n = uint8(bound(n, 0, 20));
        threshold = uint8(bound(threshold, 0, 24));
        bool good = n <= 16 && threshold <= n && 2 * uint256(threshold) > n;
        if (!good) {
            vm.expectRevert(abi.encodeWithSelector(MarketRegistry.ThresholdOutOfRange.selector, threshold, n));
        }
        registry.setAuctioneers(MARKET, _members(n), threshold);
    }

    function test_Certificate_OfAMarketWithoutAuctioneers() public {
        vm.expectRevert(abi.encodeWithSelector(MarketRegistry.WrongSignatureCount.selector, 0, 0));
        registry.verifyCertificate(MARKET, "award", "");
    }

    function test_Certificate_OfARemovedAuctioneer() public {
        (address first, uint256 key) = makeAddrAndKey("first");
        (address second,) = makeAddrAndKey("second");
        address[] memory members = new address[](1);
        members[0] = first;
        registry.setAuctioneers(MARKET, members, 1);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, "award");
        registry.verifyCertificate(MARKET, "award", abi.encodePacked(r, s, v));
        members[0] = second;
        registry.setAuctioneers(MARKET, members, 1);
        vm.expectRevert(abi.encodeWithSelector(MarketRegistry.NotAuctioneer.selector, first));
        registry.verifyCertificate(MARKET, "award", abi.encodePacked(r, s, v));
        // nor of another market's
        vm.expectRevert(abi.encodeWithSelector(MarketRegistry.WrongSignatureCount.selector, 65, 0));
        registry.verifyCertificate("another", "award", abi.encodePacked(r, s, v));
    }

    /// k of n, for all k and n: any k of them ascending pass; one fewer, one more, or a stranger does not.
    function testFuzz_Certificate_AnyQuorum(uint8 n, uint256 seed) public {
        n = uint8(bound(n, 1, 16));
        uint8 k = uint8(n / 2 + 1 + seed % (n - n / 2));
        (address[] memory members, uint256[] memory keys) = _signers(n);
        registry.setAuctioneers(MARKET, members, k);
        bytes memory signatures;
        uint256 taken;
        for (uint256 i; i < n && taken < k; ++i) {
            // skip some, while enough are left
            if (n - i > k - taken && (seed >> i) & 1 == 1) continue;
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(keys[i], "award");
            signatures = abi.encodePacked(signatures, r, s, v);
            ++taken;
        }
        registry.verifyCertificate(MARKET, "award", signatures);
        vm.expectRevert();
        registry.verifyCertificate(MARKET, "another award", signatures);
    }

    function _signers(uint256 n) internal returns (address[] memory members, uint256[] memory keys) {
        members = new address[](n);
        keys = new uint256[](n);
        for (uint256 i; i < n; ++i) {
            (members[i], keys[i]) = makeAddrAndKey(vm.toString(i));
            for (uint256 j = i; j > 0 && members[j - 1] > members[j]; --j) {
                (members[j - 1], members[j]) = (members[j], members[j - 1]);
                (keys[j - 1], keys[j]) = (keys[j], keys[j - 1]);
            }
        }
    }
}
