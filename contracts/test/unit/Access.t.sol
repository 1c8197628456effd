// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {BackstopVault} from "../../src/BackstopVault.sol";
import {Erc7683Resolver, IEscrowOrders} from "../../src/Erc7683Resolver.sol";
import {MarketRegistry} from "../../src/MarketRegistry.sol";
import {MessageClient} from "../../src/MessageClient.sol";
import {RoleTable, Roles} from "../../src/access/Roles.sol";
import {DebtTerms, Order, OrderState, PaymentState, Route, Terms} from "../../src/types/Types.sol";
import {GavelTest} from "../base/GavelTest.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";

/// @title Governance as it is after the handover: two steps and a delay for every change, none for a brake.
contract AccessTest is GavelTest {
    uint32 internal constant DELAY = 14 days;
    uint256 internal constant REDEMPTION = 7 days;

    AccessManager internal manager;
    Erc7683Resolver internal resolver;
    address internal admin = makeAddr("admin");
    address internal guardian = makeAddr("guardian");

    function setUp() public override {
        super.setUp();
        manager = home.manager;
        resolver = new Erc7683Resolver(IEscrowOrders(address(home.collateral)), address(manager));
        Roles.assign(manager, "MarketRegistry", address(home.registry));
        Roles.assign(manager, "CollateralEscrow", address(home.collateral));
        Roles.assign(manager, "RepaymentEscrow", address(home.repayment));
        Roles.assign(manager, "BackstopVault", address(home.vault));
        Roles.assign(manager, "Erc7683Resolver", address(resolver));
        Roles.handOver(manager, address(this), admin, guardian, DELAY, REDEMPTION);
    }

    struct Change {
        address target;
        bytes data;
    }

    /// @dev One call of every function that RULES may call.
    function _changes() internal view returns (Change[] memory changes) {
        Terms memory terms = _terms(home);
        terms.adapter = stranger;
        DebtTerms memory debtTerms = _debtTerms(home);
        debtTerms.capPrincipal *= 2;
        Route memory route = _route(pay);
        route.payEscrow = stranger;
        address[] memory members = new address[](1);
        members[0] = stranger;
        address registry = address(home.registry);
        address dollar = address(home.dollar);
        changes = new Change[](12);
        changes[0] = Change(registry, abi.encodeCall(MarketRegistry.setTerms, (MARKET, terms)));
        changes[1] = Change(registry, abi.encodeCall(MarketRegistry.setDebtTerms, (MARKET, dollar, debtTerms)));
        changes[2] = Change(registry, abi.encodeCall(MarketRegistry.setRoute, (MARKET, dollar, PAY_DOMAIN, route)));
        changes[3] = Change(registry, abi.encodeCall(MarketRegistry.setAuctioneers, (MARKET, members, 1)));
        changes[4] = Change(registry, abi.encodeCall(MarketRegistry.setCollateral, (MARKET, stranger, true)));
        changes[5] = Change(registry, abi.encodeCall(MarketRegistry.unpause, (MARKET)));
        changes[6] = Change(address(home.collateral), abi.encodeCall(MessageClient.setSecurityModule, (stranger)));
        changes[7] = Change(address(home.repayment), abi.encodeCall(MessageClient.setSecurityModule, (stranger)));
        changes[9] = Change(address(home.vault), abi.encodeCall(BackstopVault.setReimbursement, (PAY_DOMAIN, 1e6)));
        changes[10] = Change(address(home.vault), abi.encodeCall(BackstopVault.restoreCap, (MARKET, 0)));
        changes[11] = Change(address(home.vault), abi.encodeCall(BackstopVault.writeOff, (MARKET, PAY_DOMAIN, 0)));
        changes[8] = Change(address(resolver), abi.encodeCall(Erc7683Resolver.setChain, (PAY_DOMAIN, 9)));
    }

    function _refused(address caller, address target, bytes memory data) internal returns (bool) {
        vm.prank(caller);
        (bool ok,) = target.call(data);
        return !ok;
    }

    // ---- two steps and a delay ----

    function test_EveryChangeOfRulesIsScheduledFirstAndWaits() public {
        Change[] memory changes = _changes();
        for (uint256 i; i < changes.length; ++i) {
            Change memory change = changes[i];
            assertTrue(_refused(admin, change.target, change.data), "not at once");
            assertTrue(_refused(admin, address(manager), abi.encodeCall(manager.execute, (change.target, change.data))));
            vm.prank(admin);
            manager.schedule(change.target, change.data, 0);
        }
        vm.warp(block.timestamp + DELAY - 1);
        for (uint256 i; i < changes.length; ++i) {
            assertTrue(_refused(admin, changes[i].target, changes[i].data), "not a second early");
        }
        vm.warp(block.timestamp + 1);
        for (uint256 i; i < changes.length; ++i) {
            vm.prank(admin);
            manager.execute(changes[i].target, changes[i].data);
        }
        (Terms memory terms,) = home.registry.terms(MARKET);
        assertEq(terms.adapter, stranger);
        assertEq(home.registry.debtTerms(MARKET, address(home.dollar)).capPrincipal, _dollars(home, 1_000_000));
        assertEq(home.registry.route(MARKET, address(home.dollar), PAY_DOMAIN).payEscrow, stranger);
        assertTrue(home.registry.isAuctioneer(MARKET, stranger));
        assertTrue(home.registry.isCollateral(MARKET, stranger));
        assertEq(home.collateral.interchainSecurityModule(), stranger);
        assertEq(home.repayment.interchainSecurityModule(), stranger);
        assertEq(resolver.chainIdOf(PAY_DOMAIN), 9);
    }

    function test_AScheduledChangeExpires() public {
        Change memory change = _changes()[0];
        vm.prank(admin);
        manager.schedule(change.target, change.data, 0);
        vm.warp(block.timestamp + DELAY + manager.expiration());
        assertTrue(_refused(admin, change.target, change.data));
    }

    function test_TheGuardianCancelsAScheduledChange() public {
        Change memory change = _changes()[0];
        vm.prank(admin);
        manager.schedule(change.target, change.data, 0);
        vm.prank(guardian);
        manager.cancel(admin, change.target, change.data);
        vm.warp(block.timestamp + DELAY);
        assertTrue(_refused(admin, change.target, change.data));
    }

    function test_NobodyElseChangesOrCancelsAnything() public {
        Change[] memory changes = _changes();
        for (uint256 i; i < changes.length; ++i) {
            address[3] memory callers = [stranger, guardian, address(this)];
            for (uint256 j; j < callers.length; ++j) {
                assertTrue(_refused(callers[j], changes[i].target, changes[i].data));
                assertTrue(
                    _refused(
                        callers[j],
                        address(manager),
                        abi.encodeCall(manager.schedule, (changes[i].target, changes[i].data, 0))
                    )
                );
            }
        }
        vm.prank(admin);
        manager.schedule(changes[0].target, changes[0].data, 0);
        vm.prank(stranger);
        vm.expectRevert();
        manager.cancel(admin, changes[0].target, changes[0].data);
    }

    /// The delay cannot be got round by giving a role to an account without one, or by naming another authority.
    function test_TheAdministratorCannotShortenItsOwnDelay() public {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = MarketRegistry.setTerms.selector;
        bytes[6] memory evasions = [
            abi.encodeCall(manager.grantRole, (Roles.RULES, stranger, 0)),
            abi.encodeCall(manager.grantRole, (Roles.ADMIN, stranger, 0)),
            abi.encodeCall(manager.grantRole, (Roles.RULES, admin, 0)),
            abi.encodeCall(manager.setTargetFunctionRole, (address(home.registry), selectors, Roles.GUARDIAN)),
            abi.encodeCall(manager.updateAuthority, (address(home.registry), stranger)),
            abi.encodeCall(manager.setRoleGuardian, (Roles.RULES, 9))
        ];
        for (uint256 i; i < evasions.length; ++i) {
            assertTrue(_refused(admin, address(manager), evasions[i]));
            vm.prank(admin);
            manager.schedule(address(manager), evasions[i], 0);
            vm.warp(block.timestamp + DELAY - 1);
            assertTrue(_refused(admin, address(manager), evasions[i]));
        }
    }

    // ---- the brake ----

    function test_TheGuardianPausesAtOnceAndCannotResume() public {
        vm.prank(guardian);
        home.registry.pause(MARKET);
        assertTrue(home.registry.isPaused(MARKET));
        assertTrue(_refused(guardian, address(home.registry), abi.encodeCall(MarketRegistry.unpause, (MARKET))));
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, admin));
        home.registry.pause(MARKET);
    }

    function test_TheGuardianLowersCapsAtOnceAndNeverRaisesThem() public {
        DebtTerms memory before = home.registry.debtTerms(MARKET, address(home.dollar));
        vm.startPrank(guardian);
        home.registry.lowerCaps(MARKET, address(home.dollar), 5, 7);
        vm.expectRevert(abi.encodeWithSelector(MarketRegistry.CapNotLower.selector, 5, 6));
        home.registry.lowerCaps(MARKET, address(home.dollar), 6, 7);
        vm.stopPrank();
        DebtTerms memory lowered = home.registry.debtTerms(MARKET, address(home.dollar));
        assertEq(lowered.capPrincipal, 5);
        assertEq(lowered.capRepaid, 7);
        assertEq(lowered.vault, before.vault);
        assertEq(lowered.keeperFee, before.keeperFee);
        assertEq(lowered.minRepay, before.minRepay);
    }

    function test_TheGuardianImpairsAtOnceAndWritesNothingOff() public {
        vm.prank(guardian);
        home.vault.impair(PAY_DOMAIN, 1);
        assertTrue(
            _refused(guardian, address(home.vault), abi.encodeCall(BackstopVault.writeOff, (MARKET, PAY_DOMAIN, 1)))
        );
        assertTrue(_refused(admin, address(home.vault), abi.encodeCall(BackstopVault.impair, (PAY_DOMAIN, 1))));
    }

    /// A pause stops what has not begun: an open order is paid, settled, answered and released under it.
    function test_APauseLeavesOpenOrdersAlone() public {
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        vm.prank(guardian);
        home.registry.pause(MARKET);
        _reportAndDeliver(pay, _fillByWinner(pay, order));
        assertEq(uint8(_stateOf(home, id)), uint8(OrderState.Settled));
        _answer(home, pay, id);
        assertEq(uint8(pay.repayment.payments(id)), uint8(PaymentState.Accepted));
    }

    // ---- the handover ----

    function test_TheDeployerKeepsNothing() public view {
        (bool isAdmin,) = manager.hasRole(Roles.ADMIN, address(this));
        (bool isRules,) = manager.hasRole(Roles.RULES, address(this));
        assertFalse(isAdmin || isRules);
        (bool held, uint32 delay) = manager.hasRole(Roles.ADMIN, admin);
        assertTrue(held);
        assertEq(delay, DELAY);
    }

    function test_EveryPermissionOfTheTableIsAssigned() public {
        Roles.Permission[] memory permissions = new RoleTable().permissions();
        for (uint256 i; i < permissions.length; ++i) {
            assertTrue(permissions[i].selector != 0, "an empty row");
            address target = _named(permissions[i].target);
            assertEq(manager.getTargetFunctionRole(target, permissions[i].selector), permissions[i].role);
        }
    }

    function _named(string memory name) internal view returns (address) {
        bytes32 hash = keccak256(bytes(name));
        if (hash == keccak256("MarketRegistry")) return address(home.registry);
        if (hash == keccak256("CollateralEscrow")) return address(home.collateral);
        if (hash == keccak256("RepaymentEscrow")) return address(home.repayment);
        if (hash == keccak256("BackstopVault")) return address(home.vault);
        if (hash == keccak256("Erc7683Resolver")) return address(resolver);
        revert(name);
    }

    function handOver(uint32 delay, address to, address brake) external {
        Roles.handOver(pay.manager, address(this), to, brake, delay, REDEMPTION);
    }

    function test_ADelayNoLongerThanRedemptionIsRefused() public {
        vm.expectRevert(abi.encodeWithSelector(Roles.DelayTooShort.selector, uint32(REDEMPTION), REDEMPTION));
        this.handOver(uint32(REDEMPTION), admin, guardian);
        vm.expectRevert(Roles.ZeroAddress.selector);
        this.handOver(DELAY, address(0), guardian);
        vm.expectRevert(Roles.ZeroAddress.selector);
        this.handOver(DELAY, admin, address(0));
        this.handOver(uint32(REDEMPTION) + 1, admin, guardian);
    }
}
